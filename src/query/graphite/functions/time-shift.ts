import type { QueryWindow } from '../../query-window.ts'
import type { TimeZone } from '../../time-zone.ts'
import { withTags } from '../calculate/create-series.ts'
import { isDaylightSaving } from '../calculate/truncate-time.ts'
import { defineFunction } from '../graphite-function.ts'
import type { Interval } from '../interval.ts'
import { parseInterval } from '../interval.ts'
import { boolean, expression, integer, interval, withDefault } from '../parameters.ts'

const SHIFTS = ['1h', '6h', '12h', '1d', '2d', '7d', '14d', '30d']

export const timeShift = defineFunction({
  name: 'timeShift',
  group: 'Transform',
  description:
    'The series as they were so long ago, or will be with a + in front, drawn over the time of the request. With alignDst an hour is added or taken away where clocks have changed in between. resetEnd is for graphs: without it they end where the series did.',
  example: 'timeShift(stats.requests.rate, "7d")',
  params: {
    seriesList: expression(),
    timeShift: interval({ suggestions: SHIFTS }),
    resetEnd: withDefault(boolean(), true),
    alignDst: withDefault(boolean({ alsoNamed: ['alignDST'] }), false),
  },
  shownSignature: 'timeShift(seriesList, timeShift, resetEnd=True, alignDST=False)',
  windows: ({ timeShift: shift, alignDst }, window, { timeZone }) => {
    const seconds = backwards(shift).seconds
    const shifted = shiftWindow(window, seconds)
    return [window, shiftWindow(shifted, alignDst ? daylightShift(window, shifted, timeZone) : 0)]
  },
  async evaluate({ seriesList: series, timeShift: shift, resetEnd }, call) {
    const [window = call.window, shifted = call.window] = call.windows
    const [first] = await series.over(window)
    if (first === undefined) return []
    const { text } = backwards(shift)
    const { startSeconds } = first
    return (await series.over(shifted)).map((one) => ({
      ...one,
      name: `timeShift(${one.name}, "${text}")`,
      tags: withTags(one.tags, { timeShift: text }),
      startSeconds,
      endSeconds: resetEnd ? first.endSeconds : one.endSeconds - one.startSeconds + startSeconds,
    }))
  },
})

export const timeStack = defineFunction({
  name: 'timeStack',
  group: 'Transform',
  description:
    'The series shifted by so many units, for each number from timeShiftStart up to and without timeShiftEnd: today, yesterday and so on, one over the other.',
  example: 'timeStack(stats.requests.rate, "1d", 0, 7)',
  params: {
    seriesList: expression(),
    timeShiftUnit: withDefault(interval({ suggestions: SHIFTS }), '1d'),
    timeShiftStart: withDefault(integer(), 0),
    timeShiftEnd: withDefault(integer(), 7),
  },
  windows({ timeShiftUnit, timeShiftStart, timeShiftEnd }, window, { fail }) {
    const count = Math.max(0, timeShiftEnd - timeShiftStart)
    if (count > MAX_STACKED) return fail(`it stacks at most ${MAX_STACKED} times, not ${count}`)
    const { seconds } = backwards(timeShiftUnit)
    const shifts = Array.from({ length: count }, (_, index) => (timeShiftStart + index) * seconds)
    return [window, ...shifts.map((shift) => shiftWindow(window, shift))]
  },
  async evaluate({ seriesList: series, timeShiftUnit, timeShiftStart }, call) {
    const [window = call.window, ...shifted] = call.windows
    const [first] = await series.over(window)
    if (first === undefined) return []
    const { startSeconds, endSeconds } = first
    const { text } = backwards(timeShiftUnit)
    const stacked = []
    for (const [index, one] of shifted.entries()) {
      const shift = timeShiftStart + index
      for (const each of await series.over(one)) {
        const name = `timeShift(${each.name}, ${text}, ${shift})`
        const tags = withTags(each.tags, { timeShiftUnit: text, timeShift: String(shift) })
        stacked.push({ ...each, name, pathExpression: name, tags, startSeconds, endSeconds })
      }
    }
    return stacked
  },
})

export const MAX_STACKED = 1_000

/** A shift without a sign goes back. */
export function backwards(shift: Interval): Interval {
  if (!/^[0-9]/.test(shift.text)) return shift
  return parseInterval(`-${shift.text}`) ?? shift
}

export function shiftWindow(window: QueryWindow, seconds: number): QueryWindow {
  return {
    ...window,
    fromSeconds: window.fromSeconds + seconds,
    untilSeconds: window.untilSeconds + seconds,
  }
}

/** An hour, one way or the other, if all of one window lies in summer time and nothing of the other. */
function daylightShift(window: QueryWindow, shifted: QueryWindow, timeZone: TimeZone): number {
  const [from, until, thenFrom, thenUntil] = [window, shifted].flatMap(({ fromSeconds, untilSeconds }) => [
    isDaylightSaving(fromSeconds, timeZone),
    isDaylightSaving(untilSeconds, timeZone),
  ])
  if (from === true && until === true && thenFrom === false && thenUntil === false) return 3_600
  return from === false && until === false && thenFrom === true && thenUntil === true ? -3_600 : 0
}
