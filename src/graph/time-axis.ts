import type { GraphTimeZone } from './graph-series.ts'
import { strftime } from './strftime.ts'

/** Where the axis of time has its lines and labels. */
export interface TimeAxis {
  /** Seconds since 1970, rising; labelled or not. */
  readonly majorSeconds: readonly number[]
  readonly minorSeconds: readonly number[]
  readonly labels: readonly TimeLabel[]
}

export interface TimeLabel {
  readonly seconds: number
  readonly text: string
  /** Which day it is, where the text does not say so and it is the first label, or the first of its day. */
  readonly dayText: string | undefined
}

export interface TimeAxisRequest {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly widthPixels: number
  readonly timeZone: GraphTimeZone
  /** For strftime; undefined: as suits the range. */
  readonly format: string | undefined
}

/** Lines lie on round local times: on full minutes, at midnight, on Mondays, on the first of a month. */
export function createTimeAxis(request: TimeAxisRequest): TimeAxis {
  const { startSeconds, endSeconds, timeZone } = request
  const range = endSeconds - startSeconds
  const row = chooseRow(range, range / Math.max(1, request.widthPixels))
  const format = request.format ?? row.format
  let day = ''
  const labels = roundTimes(row.label, request).map((seconds): TimeLabel => {
    const civil = timeZone.toCivilTime(seconds)
    const text = strftime(format, civil, timeZone.name)
    if (request.format !== undefined || row.hasDay) return { seconds, text, dayText: undefined }
    const newDay = strftime('%a %-d %b %Y', civil, timeZone.name)
    const dayText = newDay === day ? undefined : newDay
    day = newDay
    return { seconds, text, dayText }
  })
  return {
    majorSeconds: roundTimes(row.major, request),
    minorSeconds: roundTimes(row.minor, request),
    labels,
  }
}

interface Step {
  readonly unit: 'second' | 'day' | 'month'
  readonly count: number
}

interface Row {
  /** Of one pixel: the row is for graphs of at least so many. */
  readonly seconds: number
  readonly minor: Step
  readonly major: Step
  readonly label: Step
  readonly format: string
  /** The label says which day it is. */
  readonly hasDay: boolean
  /** The longest range it is for. */
  readonly longestSeconds: number
}

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

const seconds = (count: number): Step => ({ unit: 'second', count })
const days = (count: number): Step => ({ unit: 'day', count })
const months = (count: number): Step => ({ unit: 'month', count })

const TIME = '%H:%M'
const EXACT_TIME = '%H:%M:%S'
const DATE = '%b %-d'
const MONTH = '%b %Y'

/** Graphite's table, with rows for shorter ranges at its beginning and calendar months and years at its end. */
// biome-ignore format: a table
const ROWS: readonly Row[] = [
  row(0, seconds(1), seconds(5), seconds(1), EXACT_TIME, 600),
  row(0.015, seconds(1), seconds(5), seconds(5), EXACT_TIME, 600),
  row(0.07, seconds(10), seconds(MINUTE), seconds(10), EXACT_TIME, 1_200),
  row(0.14, seconds(15), seconds(MINUTE), seconds(15), EXACT_TIME, 1_800),
  row(0.27, seconds(30), seconds(2 * MINUTE), seconds(MINUTE), TIME, 2 * HOUR),
  row(0.5, seconds(MINUTE), seconds(2 * MINUTE), seconds(MINUTE), TIME, 2 * HOUR),
  row(1.2, seconds(MINUTE), seconds(4 * MINUTE), seconds(2 * MINUTE), TIME, 3 * HOUR),
  row(2, seconds(MINUTE), seconds(10 * MINUTE), seconds(5 * MINUTE), TIME, 6 * HOUR),
  row(5, seconds(2 * MINUTE), seconds(10 * MINUTE), seconds(10 * MINUTE), TIME, 12 * HOUR),
  row(10, seconds(5 * MINUTE), seconds(20 * MINUTE), seconds(20 * MINUTE), TIME, DAY),
  row(30, seconds(10 * MINUTE), seconds(HOUR), seconds(HOUR), TIME, 2 * DAY),
  row(60, seconds(30 * MINUTE), seconds(2 * HOUR), seconds(2 * HOUR), TIME, 2 * DAY),
  row(100, seconds(2 * HOUR), seconds(4 * HOUR), seconds(4 * HOUR), TIME, 6 * DAY),
  row(255, seconds(6 * HOUR), seconds(12 * HOUR), seconds(12 * HOUR), TIME, 10 * DAY),
  row(600, seconds(6 * HOUR), days(1), days(1), DATE, 14 * DAY),
  row(1_000, seconds(12 * HOUR), days(1), days(1), DATE, 365 * DAY),
  row(2_000, days(1), days(2), days(2), DATE, 365 * DAY),
  row(4_000, days(1), days(4), days(4), DATE, 365 * DAY),
  row(8_000, days(1), days(7), days(7), DATE, 365 * DAY),
  row(16_000, days(7), days(14), days(14), DATE, 365 * DAY),
  row(32_000, months(1), months(1), months(1), MONTH, Number.POSITIVE_INFINITY),
  row(64_000, months(1), months(2), months(2), MONTH, Number.POSITIVE_INFINITY),
  row(120_000, months(2), months(4), months(4), MONTH, Number.POSITIVE_INFINITY),
  row(240_000, months(6), months(12), months(12), '%Y', Number.POSITIVE_INFINITY),
  row(1_000_000, months(12), months(60), months(60), '%Y', Number.POSITIVE_INFINITY),
  row(4_000_000, months(60), months(240), months(240), '%Y', Number.POSITIVE_INFINITY),
  row(20_000_000, months(240), months(1_200), months(1_200), '%Y', Number.POSITIVE_INFINITY),
]

function row(
  secondsPerPixel: number,
  minor: Step,
  major: Step,
  label: Step,
  format: string,
  longestSeconds: number,
): Row {
  const hasDay = format !== TIME && format !== EXACT_TIME
  return { seconds: secondsPerPixel, minor, major, label, format, hasDay, longestSeconds }
}

/** Of a wide graph the row that its pixels ask for may be for shorter ranges; then the first that is not is taken. */
function chooseRow(rangeSeconds: number, secondsPerPixel: number): Row {
  const fitting = ROWS.filter((one) => one.longestSeconds >= rangeSeconds)
  const chosen = fitting.findLast((one) => one.seconds <= secondsPerPixel) ?? fitting[0]
  if (chosen === undefined) throw new Error('BUG: no row is for every range')
  return chosen
}

function roundTimes(step: Step, { startSeconds, endSeconds, timeZone }: TimeAxisRequest): number[] {
  const times: number[] = []
  const add = (time: number): void => {
    if (time >= startSeconds && time <= endSeconds && time > (times.at(-1) ?? -Infinity)) times.push(time)
  }
  const first = timeZone.toCivilTime(startSeconds)
  const localStart =
    Date.UTC(first.year, first.month - 1, first.day, first.hour, first.minute, first.second) / 1_000
  const offset = localStart - Math.floor(startSeconds)
  if (step.unit === 'second' && step.count <= HOUR) {
    // Changes of clocks are by full hours nearly everywhere, and so steps of up to an hour go on through them.
    const begin = Math.floor(localStart / step.count) * step.count - offset
    for (let time = begin; time <= endSeconds; time += step.count) add(time)
  } else if (step.unit === 'month') {
    const begin = Math.floor((first.year * 12 + first.month - 1) / step.count) * step.count
    for (let month = begin; ; month += step.count) {
      const civil = {
        year: Math.floor(month / 12),
        month: (month % 12) + 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
      }
      const time = timeZone.toEpochSeconds(civil)
      if (!(time <= endSeconds)) break
      add(time)
    }
  } else {
    const length = step.unit === 'day' ? step.count * DAY : step.count
    // Weeks begin on Mondays: 1970 began on a Thursday.
    const origin = step.unit === 'day' && step.count % 7 === 0 ? 4 * DAY : 0
    const begin = Math.floor((localStart - origin) / length) * length + origin
    for (let local = begin; local <= endSeconds + offset + DAY; local += length) {
      const date = new Date(local * 1_000)
      add(
        timeZone.toEpochSeconds({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: 0,
        }),
      )
    }
  }
  return times
}
