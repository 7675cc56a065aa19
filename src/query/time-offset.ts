import { NotATime } from './not-a-time.ts'

/**
 * The offset of a time expression, also the intervals that functions take: a sign, then numbers with units.
 *
 *   -1d12h      +5min      2weeks
 *   ^ sign, one for all; none means plus
 *
 * A unit is known by how it begins (`-1decade` is one day). A sign with nothing after it is no offset at all.
 */
export function parseTimeOffset(text: string): number {
  if (text === '') return 0
  if (!/^[+\-0-9]/.test(text)) throw new NotATime('an offset begins with + or -')
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  let seconds = 0
  while (rest !== '') {
    const [whole, digits = '', unit = ''] = /^([0-9]*)(\p{L}*)/u.exec(rest) ?? ['']
    if (digits === '') throw new NotATime('an offset needs a number, as in -1h')
    seconds += sign * Number(digits) * unitSeconds(unit)
    rest = rest.slice(whole.length)
  }
  return seconds
}

/** Seconds of a unit, by its beginning. A bare `m` could be minutes or months and is refused. */
export function unitSeconds(unit: string): number {
  const known = UNITS.find(([beginning]) => unit.startsWith(beginning))
  if (known === undefined) {
    throw new NotATime(unit === '' ? 'an offset needs a unit, as in -1h' : `"${unit}" is no unit of time`)
  }
  return known[1]
}

const UNITS: readonly (readonly [beginning: string, seconds: number])[] = [
  ['s', 1],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 7 * 86_400],
  ['mon', 30 * 86_400],
  ['y', 365 * 86_400],
]
