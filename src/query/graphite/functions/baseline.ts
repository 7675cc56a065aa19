import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { medianOfSorted, sortedPresent, average, presentCount } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import type { FunctionCall } from '../function-call.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import { expression, float, integer, interval, optional, withDefault } from '../parameters.ts'
import { backwards, MAX_STACKED, shiftWindow } from './time-shift.ts'

export const baseline = defineBaseline('baseline', {
  description:
    'What is usual at this time: the median, point by point, of each series as it was some weeks ago, or days, from timeShiftStart up to timeShiftEnd of them, which is left out. 0, which is now, is passed over. With maxAbsentPercent series of which more points than that are null are left out, with minAvg those whose baseline is lower on average.',
  example: 'baseline(shop.orders, "1w", 1, 5)',
})

export const baselineAberration = defineBaseline('baselineAberration', {
  description:
    'Each series as a share of what is usual at this time, as baseline has it: 1.1 is 10 percent more than usual.',
  example: 'baselineAberration(shop.orders, "1w", 1, 5)',
})

interface Shifts {
  readonly timeShiftUnit: Interval
  readonly timeShiftStart: number
  readonly timeShiftEnd: number
}

function defineBaseline(
  name: 'baseline' | 'baselineAberration',
  details: Pick<GraphiteFunction, 'description' | 'example'>,
): GraphiteFunction {
  return defineFunction({
    ...details,
    name,
    group: 'Calculate',
    params: {
      seriesList: expression(),
      timeShiftUnit: withDefault(
        interval({ suggestions: ['1h', '6h', '12h', '1d', '2d', '7d', '14d', '30d'] }),
        '1d',
      ),
      timeShiftStart: withDefault(integer(), 0),
      timeShiftEnd: withDefault(integer(), 7),
      maxAbsentPercent: optional(float()),
      minAvg: optional(float()),
    },
    windows: (args, window, context) => [window, ...shiftedWindows(args, window, context)],
    async evaluate({ seriesList: series, maxAbsentPercent, minAvg }, call) {
      const [window = call.window, ...shifted] = call.windows
      const current = new Map((await series.over(window)).map((one) => [one.name, one]))
      const history = new Map<string, QuerySeries[]>()
      for (const one of shifted) {
        for (const each of await series.over(one)) {
          const before = history.get(each.name) ?? []
          history.set(each.name, before)
          before.push(moveTo(each, window, one))
        }
      }
      const results: QuerySeries[] = []
      for (const [seriesName, before] of history) {
        await call.work(before.length * (before[0]?.values.length ?? 0) * STEPS_PER_VALUE)
        const usual = medians(before)
        if (isLeftOut(usual, maxAbsentPercent, minAvg)) continue
        const one = current.get(seriesName)
        if (name === 'baseline') results.push(named(before[0] as QuerySeries, name, usual))
        else if (one !== undefined) results.push(named(one, name, shareOf(one.values, usual)))
      }
      return results
    },
  })
}

function shiftedWindows(
  { timeShiftUnit, timeShiftStart, timeShiftEnd }: Shifts,
  window: QueryWindow,
  { fail }: Pick<FunctionCall, 'fail'>,
): QueryWindow[] {
  const count = Math.max(0, timeShiftEnd - timeShiftStart)
  if (count > MAX_STACKED) return fail(`it looks back at most ${MAX_STACKED} times, not ${count}`)
  const { seconds } = backwards(timeShiftUnit)
  return Array.from({ length: count }, (_, index) => timeShiftStart + index)
    .filter((times) => times !== 0)
    .map((times) => shiftWindow(window, times * seconds))
}

function moveTo(series: QuerySeries, window: QueryWindow, shifted: QueryWindow): QuerySeries {
  const seconds = window.fromSeconds - shifted.fromSeconds
  return { ...series, startSeconds: series.startSeconds + seconds, endSeconds: series.endSeconds + seconds }
}

function medians(before: readonly QuerySeries[]): Float64Array {
  const length = before[0]?.values.length ?? 0
  return Float64Array.from({ length }, (_, row) =>
    medianOfSorted(sortedPresent(Float64Array.from(before, ({ values }) => values[row] ?? Number.NaN))),
  )
}

function isLeftOut(usual: Float64Array, maxAbsentPercent?: number, minAvg?: number): boolean {
  const absentPercent = (100 * (usual.length - presentCount(usual))) / usual.length
  return (
    (maxAbsentPercent !== undefined && absentPercent > maxAbsentPercent) ||
    (minAvg !== undefined && average(usual) < minAvg)
  )
}

/** Of nothing usual there is no share: there it stays 0, as in carbonapi. */
function shareOf(values: Float64Array, usual: Float64Array): Float64Array {
  return values.map((value, row) => {
    const base = usual[row] ?? Number.NaN
    return base === 0 && !Number.isNaN(value) ? 0 : value / base
  })
}

function named(series: QuerySeries, name: string, values: Float64Array): QuerySeries {
  return derive(series, `${name}(${series.name})`, { values })
}

const STEPS_PER_VALUE = 8
