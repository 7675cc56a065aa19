import { placeOfKey, valueOfPlace } from '../../../model/stored-bucket.ts'
import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { createSeries, joinPathExpressions } from '../calculate/create-series.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import { shortText } from '../number-text.ts'
import { boolean, expression, float, interval, optional, withDefault } from '../parameters.ts'

export const timerPercentile = defineFunction({
  name: 'timerPercentile',
  group: 'Combine',
  description:
    'The n-th percentile of all values that timers had in each interval, of all timers together, right to 1.1 % of the value: of the buckets of their sketches, which are kept where `store.sketches` is on. Without an interval, points are as far apart as the answer asks for. Intervals lie where they do since 1970, in UTC, and the first is whole; with alignToFrom they begin with the request.\n\nUnlike the mean or the highest of percentiles of hosts or minutes, it is the percentile of the values themselves.',
  example: 'timerPercentile(stats.timers.api.*.sketch.*, 95, "1h")',
  params: {
    seriesList: expression(),
    n: float(),
    intervalString: optional(interval({ suggestions: ['10min', '1h', '1d'] })),
    alignToFrom: withDefault(boolean(), false),
  },
  windows({ intervalString, alignToFrom }, window, { stepSeconds, maxDataPoints }) {
    const slotSeconds = slotOf(intervalString, window, { stepSeconds, maxDataPoints })
    const summedSeconds = alignToFrom ? partOf(slotSeconds, stepSeconds) : slotSeconds
    return [{ ...window, stepSeconds, summedSeconds }]
  },
  async evaluate({ seriesList, n, intervalString, alignToFrom }, call) {
    if (!(n > 0 && n <= 100)) return call.fail('the percentile has to be above 0 and at most 100')
    if (intervalString !== undefined && intervalString.seconds <= 0)
      return call.fail('the interval has to be longer than nothing')
    const [window = call.window] = call.windows
    const series = await seriesList.over(window)
    if (series.length === 0) return []
    const slotSeconds = slotOf(intervalString, window, { ...window, maxDataPoints: call.maxDataPoints })
    const startSeconds = Math.min(...series.map((one) => one.startSeconds))
    const endSeconds = Math.max(...series.map((one) => one.endSeconds))
    const first = alignToFrom ? startSeconds : Math.floor(startSeconds / slotSeconds) * slotSeconds
    const slots = { startSeconds: first, slotSeconds, count: Math.ceil((endSeconds - first) / slotSeconds) }
    const values = percentiles(await weigh(series, slots, call), n / 100, slots.count)
    const suffix = intervalString === undefined ? '' : `,'${intervalString.text}'`
    return [
      createSeries({
        name: `timerPercentile(${joinPathExpressions(series)},${shortText(n)}${suffix})`,
        startSeconds: first,
        endSeconds: first + slots.count * slotSeconds,
        stepSeconds: slotSeconds,
        values,
        xFilesFactor: call.xFilesFactor ?? 0,
      }),
    ]
  },
})

/** Of all points that are stored so many are given, if nobody says how many are wanted. */
const MOST_POINTS = 1_000
/** A slot that begins anywhere is made of at least so many parts, which begin where those of the store do. */
const FEWEST_PARTS = 24
const MOST_PARTS = 1_000

interface Slots {
  readonly startSeconds: number
  readonly slotSeconds: number
  readonly count: number
}

/** Whole steps of what is stored, so many that no more points come of the window than are wanted; but two always fit. */
function slotOf(
  given: Interval | undefined,
  { fromSeconds, untilSeconds }: QueryWindow,
  {
    stepSeconds,
    maxDataPoints = MOST_POINTS,
  }: { readonly stepSeconds: number; readonly maxDataPoints: number | undefined },
): number {
  if (given !== undefined) return Math.max(1, Math.ceil(given.seconds / stepSeconds)) * stepSeconds
  const most = Math.max(2, maxDataPoints)
  // One more than the window is long: the first slot is whole, and so is the last.
  return Math.max(1, Math.ceil((untilSeconds - fromSeconds) / (most - 1) / stepSeconds)) * stepSeconds
}

function partOf(slotSeconds: number, stepSeconds: number): number {
  const steps = slotSeconds / stepSeconds
  const most = Math.min(steps, MOST_PARTS)
  for (let parts = FEWEST_PARTS; parts < most; parts++) if (steps % parts === 0) return slotSeconds / parts
  return stepSeconds
}

/** By place of the bucket: its weight in each slot, of all timers together. */
async function weigh(
  series: readonly QuerySeries[],
  { startSeconds, slotSeconds, count }: Slots,
  call: FunctionCall,
): Promise<ReadonlyMap<number, Float64Array>> {
  const weights = new Map<number, Float64Array>()
  for (const one of series) {
    // Names are changed by functions, the tag is not.
    const place = placeOfKey(String(one.tags.name ?? one.name))
    if (place === undefined)
      return call.fail(`"${one.name}" is no bucket of a timer's sketch; their names end in .sketch.*`)
    let ofSlots = weights.get(place)
    if (ofSlots === undefined) {
      call.reserve(count)
      weights.set(place, (ofSlots = new Float64Array(count)))
    }
    for (const [index, weight] of one.values.entries()) {
      if (Number.isNaN(weight)) continue
      const slot = Math.floor((one.startSeconds + index * one.stepSeconds - startSeconds) / slotSeconds)
      ofSlots[slot] = (ofSlots[slot] ?? 0) + weight
    }
    await call.work(one.values.length)
  }
  return weights
}

/** By etsy's rule, that of `upper_90`: the value at rank round(share x length). */
function percentiles(weights: ReadonlyMap<number, Float64Array>, share: number, count: number): Float64Array {
  const ascending = [...weights].sort(([a], [b]) => a - b)
  const wanted = new Float64Array(count)
  for (const [, ofSlots] of ascending)
    for (let slot = 0; slot < count; slot++) wanted[slot] = (wanted[slot] ?? 0) + (ofSlots[slot] ?? 0)
  for (let slot = 0; slot < count; slot++) {
    const length = wanted[slot] ?? 0
    // Fractional weights do not add up exactly.
    wanted[slot] = Math.min(Math.round(share * length), length) - length * 1e-12
  }
  const values = new Float64Array(count).fill(Number.NaN)
  const ranks = new Float64Array(count)
  for (const [place, ofSlots] of ascending) {
    const value = valueOfPlace(place)
    for (let slot = 0; slot < count; slot++) {
      const weight = ofSlots[slot] ?? 0
      if (weight <= 0) continue
      ranks[slot] = (ranks[slot] ?? 0) + weight
      if (Number.isNaN(values[slot])) values[slot] = value
      else if ((ranks[slot] ?? 0) - weight < (wanted[slot] ?? 0)) values[slot] = value
    }
  }
  return values
}
