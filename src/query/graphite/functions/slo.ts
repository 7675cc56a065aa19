import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { derive, withValues } from '../calculate/create-series.ts'
import { beginEarlier } from '../calculate/preview.ts'
import type { FunctionCall, SeriesExpression } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import { shortText } from '../number-text.ts'
import { expression, float, interval, text } from '../parameters.ts'

const PARAMS = {
  seriesList: expression(),
  interval: interval({ suggestions: ['10min', '1h', '1d'] }),
  method: text({ options: ['above', 'aboveOrEqual', 'below', 'belowOrEqual'] }),
  value: float(),
}

export const slo = defineFunction({
  name: 'slo',
  group: 'Transform',
  description:
    'The share of points, in each interval, whose value is above or below another one: how well a service level objective is met. Nulls do not count. Where the interval is longer than the request, it looks further back.',
  example: 'slo(shop.latency, "1h", "belowOrEqual", 250)',
  params: PARAMS,
  windows: ({ interval: { seconds } }, window) => windowsOf(seconds, window),
  stepSeconds: ({ interval: { seconds } }) => Math.max(1, seconds),
  async evaluate(args, call) {
    const names = `${args.interval.text}, ${args.method}, ${shortText(args.value)}`
    return measure(args, call, (name) => `slo(${name}, ${names})`)
  },
})

export const sloErrorBudget = defineFunction({
  name: 'sloErrorBudget',
  group: 'Transform',
  description:
    'The seconds of each interval that a service level objective (0.999, say) leaves for errors, and that have not been used up; below 0, it is missed by so many. Otherwise as slo.',
  example: 'sloErrorBudget(shop.latency, "1h", "belowOrEqual", 250, 0.999)',
  params: { ...PARAMS, objective: float() },
  windows: ({ interval: { seconds } }, window) => windowsOf(seconds, window),
  stepSeconds: ({ interval: { seconds } }) => Math.max(1, seconds),
  async evaluate(args, call) {
    const { objective } = args
    const names = `${args.interval.text}, ${args.method}, ${shortText(args.value)}, ${shortText(objective)}`
    return measure(
      args,
      call,
      (name) => `sloErrorBudget(${name}, ${names})`,
      (share, seconds) => (share - objective) * seconds,
    )
  },
})

interface Arguments {
  readonly seriesList: SeriesExpression
  readonly interval: Interval
  readonly method: string
  readonly value: number
}

/** That of the request, and one that is as long as the interval, where that is longer. */
function windowsOf(seconds: number, window: QueryWindow): QueryWindow[] {
  const missing = seconds - (window.untilSeconds - window.fromSeconds)
  return missing > 0 ? [window, beginEarlier(window, missing)] : [window]
}

async function measure(
  { seriesList: series, interval: { seconds }, method, value }: Arguments,
  call: FunctionCall,
  nameOf: (name: string) => string,
  valueOf: (share: number, seconds: number) => number = (share) => share,
): Promise<QuerySeries[]> {
  if (seconds <= 0) return call.fail('the interval has to be longer than nothing')
  const [window = call.window, longer = window] = call.windows
  const shown = await series.over(window)
  const measured = new Map((await series.over(longer)).map((one) => [one.name, one]))
  return shown.map((one) => {
    const { startSeconds } = one
    const wholeCount = Math.ceil((one.endSeconds - startSeconds) / seconds)
    const from = measured.get(one.name)
    if (from === undefined || one.stepSeconds > seconds) call.reserve(wholeCount)
    const values =
      from === undefined || one.stepSeconds > seconds
        ? new Float64Array(wholeCount).fill(Number.NaN)
        : shares(from, seconds, matcherOf(method, value), valueOf)
    return derive(one, nameOf(one.name), withValues(values, { startSeconds, stepSeconds: seconds }))
  })
}

/** One for each bucket; the last may have fewer points. Those without values are null. */
function shares(
  { values, stepSeconds }: QuerySeries,
  bucketSeconds: number,
  matches: (value: number) => boolean,
  valueOf: (share: number, seconds: number) => number,
): Float64Array {
  const found: number[] = []
  let bucketStart = 0
  let bucketEnd = bucketSeconds
  let present = 0
  let matching = 0
  for (const [index, value] of values.entries()) {
    if (!Number.isNaN(value)) present++
    if (matches(value)) matching++
    const end = (index + 1) * stepSeconds
    const isLast = index === values.length - 1
    if (end < bucketEnd && !isLast) continue
    const seconds = end < bucketEnd ? end - bucketStart : bucketSeconds
    found.push(present === 0 ? Number.NaN : valueOf(matching / present, seconds))
    bucketStart = end
    bucketEnd += bucketSeconds
    present = 0
    matching = 0
  }
  return Float64Array.from(found)
}

function matcherOf(method: string, limit: number): (value: number) => boolean {
  switch (method) {
    case 'above':
      return (value) => value > limit
    case 'aboveOrEqual':
      return (value) => value >= limit
    case 'below':
      return (value) => value < limit
    case 'belowOrEqual':
      return (value) => value <= limit
    default:
      throw new Error(`BUG: nothing is ${method}`)
  }
}
