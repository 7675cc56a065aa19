import { NotATime } from './not-a-time.ts'
import type { CivilTime, TimeZone } from './time-zone.ts'
import { epochSecondsOfUtc } from './time-zone.ts'

/**
 * The moment a time expression starts from: a time of day, then a day, each optional, in the zone of the request.
 *
 *   6pm yesterday      12:30 01/02/24      noon friday      20240131      jan 15
 *   ^^^ ^^^^^^^^^      ^^^^^ ^^^^^^^^      spaces, commas and underscores are gone by now
 *
 * Graphite's own habits are kept: 12am is noon and 12pm midnight; a day alone begins at 00:00, a time alone is
 * today's; what follows the three letters of a weekday is not looked at. Nothing, or `now`, is now.
 */
export function parseTimeReference(text: string, options: TimeReferenceOptions): number {
  if (text === '' || text === 'now') return options.nowSeconds
  const { hour, minute, rest } = parseTimeOfDay(text)
  if (hour > 23 || minute > 59) throw new NotATime('a day has the times 00:00 to 23:59')
  const now = options.timeZone.toCivilTime(options.nowSeconds)
  return options.timeZone.toEpochSeconds({ ...parseDay(rest, now), hour, minute, second: 0 })
}

export interface TimeReferenceOptions {
  readonly nowSeconds: number
  readonly timeZone: TimeZone
}

interface TimeOfDay {
  hour: number
  minute: number
  rest: string
}

const NAMED_TIMES = [
  ['noon', 12],
  ['midnight', 0],
  ['teatime', 16],
] as const

/** Each form is tried on what the one before it left over, so that `8:50` and `6pm` and `noon` may follow each other. */
function parseTimeOfDay(text: string): TimeOfDay {
  let rest = text
  let hour = 0
  let minute = 0

  const colon = rest.indexOf(':')
  if (colon === 1 || colon === 2) {
    hour = readInteger(rest.slice(0, colon))
    minute = readInteger(rest.slice(colon + 1, colon + 3))
    rest = rest.slice(colon + 3)
    if (rest.startsWith('pm')) hour = (hour + 12) % 24
    if (rest.startsWith('am') || rest.startsWith('pm')) rest = rest.slice(2)
  }
  const am = rest.indexOf('am')
  if (am === 1 || am === 2) {
    hour = readInteger(rest.slice(0, am))
    rest = rest.slice(am + 2)
  }
  const pm = rest.indexOf('pm')
  if (pm === 1 || pm === 2) {
    hour = (readInteger(rest.slice(0, pm)) + 12) % 24
    rest = rest.slice(pm + 2)
  }
  const named = NAMED_TIMES.find(([name]) => rest.startsWith(name))
  if (named !== undefined) return { hour: named[1], minute: 0, rest: rest.slice(named[0].length) }
  return { hour, minute, rest }
}

type CivilDay = Pick<CivilTime, 'year' | 'month' | 'day'>

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function parseDay(text: string, today: CivilDay): CivilDay {
  if (text === '' || text === 'today') return today
  if (text === 'yesterday') return addDays(today, -1)
  if (text === 'tomorrow') return addDays(today, 1)

  const numbers = text.split('/')
  if (numbers.length === 3) {
    const [month = 0, day = 0, year = 0] = numbers.map(readInteger)
    return checkDay({ year: fullYear(year), month, day })
  }
  if (/^[0-9]{8}$/.test(text)) {
    return checkDay({
      year: Number(text.slice(0, 4)),
      month: Number(text.slice(4, 6)),
      day: Number(text.slice(6)),
    })
  }
  const month = MONTHS.indexOf(text.slice(0, 3))
  if (month >= 0) {
    // Of more digits the last two count, as in Graphite.
    const digits = /[0-9]{1,2}$/.exec(text)
    if (digits === null) throw new NotATime('the name of a month needs a day after it')
    return checkDay({ year: today.year, month: month + 1, day: Number(digits[0]) })
  }
  const weekday = WEEKDAYS.indexOf(text.slice(0, 3))
  if (weekday >= 0) return addDays(today, -((weekdayOf(today) - weekday + 7) % 7))
  throw new NotATime(`"${text}" is no day`)
}

/** `24` is 2024 and `70` is 1970; Graphite reads even 1950 as 2050. */
function fullYear(year: number): number {
  const inCentury = year < 1900 ? year + 1900 : year
  return inCentury < 1970 ? inCentury + 100 : inCentury
}

function readInteger(text: string): number {
  if (!/^[0-9]+$/.test(text))
    throw new NotATime(text === '' ? 'a number is missing' : `"${text}" is no number`)
  return Number(text)
}

function checkDay(day: CivilDay): CivilDay {
  if (day.year >= 1 && day.year <= 9999 && day.month >= 1 && day.month <= 12 && day.day >= 1) {
    const moved = addDays(day, 0)
    if (moved.month === day.month) return day
  }
  throw new NotATime('there is no such day')
}

function addDays(day: CivilDay, days: number): CivilDay {
  const date = dateOf({ ...day, day: day.day + days })
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

function weekdayOf(day: CivilDay): number {
  return dateOf(day).getUTCDay()
}

function dateOf(day: CivilDay): Date {
  return new Date(epochSecondsOfUtc({ ...day, hour: 0, minute: 0, second: 0 }) * 1000)
}
