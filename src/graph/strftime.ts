import type { GraphCivilTime } from './graph-series.ts'

/** A local time as `xFormat` says, by the rules of C. `%-d` leaves a leading zero out. What is not known stays as it is. */
export function strftime(format: string, time: GraphCivilTime, zoneName: string): string {
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, dash: string, letter: string) => {
    const text = FIELDS[letter]?.(time, zoneName)
    if (text === undefined) return whole
    return dash === '' ? text : text.replace(/^0(?=\d)/, '').trimStart()
  })
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

type Field = (time: GraphCivilTime, zoneName: string) => string

const two = (value: number): string => String(value).padStart(2, '0')
const hour12 = (hour: number): number => hour % 12 || 12

const FIELDS: Readonly<Record<string, Field>> = {
  a: (time) => weekday(time).slice(0, 3),
  A: (time) => weekday(time),
  b: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3),
  B: ({ month }) => MONTHS[month - 1] ?? '',
  d: ({ day }) => two(day),
  D: ({ month, day, year }) => `${two(month)}/${two(day)}/${two(year % 100)}`,
  e: ({ day }) => String(day).padStart(2, ' '),
  F: ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`,
  H: ({ hour }) => two(hour),
  I: ({ hour }) => two(hour12(hour)),
  j: (time) =>
    String(Math.floor((dayOf(time) - Date.UTC(time.year, 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
  m: ({ month }) => two(month),
  M: ({ minute }) => two(minute),
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  R: ({ hour, minute }) => `${two(hour)}:${two(minute)}`,
  S: ({ second }) => two(second),
  T: ({ hour, minute, second }) => `${two(hour)}:${two(minute)}:${two(second)}`,
  y: ({ year }) => two(year % 100),
  Y: ({ year }) => String(year),
  Z: (_, zoneName) => zoneName,
  '%': () => '%',
}

function weekday(time: GraphCivilTime): string {
  return WEEKDAYS[new Date(dayOf(time)).getUTCDay()] ?? ''
}

function dayOf({ year, month, day }: GraphCivilTime): number {
  return Date.UTC(year, month - 1, day)
}
