import { excerpt } from '../lib/excerpt.ts'
import { KymoError } from '../telemetry/errors.ts'
import { NotATime } from './not-a-time.ts'
import { parseTimeOffset } from './time-offset.ts'
import { parseTimeReference } from './time-reference.ts'
import type { TimeZone } from './time-zone.ts'

export interface TimeExpressionOptions {
  readonly nowSeconds: number
  readonly timeZone: TimeZone
  /** Named by the error: `from`, `until`, `now`. */
  readonly parameter: string
}

/**
 * Reads a time as Graphite does (`from`, `until`, `now`) and returns seconds since 1970:
 *
 *   1700000000      digits are seconds, unless they are eight that form a date: 20240131
 *   noon yesterday - 1h
 *   ^^^^^^^^^^^^^^      a reference (time-reference.ts), now if it is missing
 *                  ^^^^ an offset (time-offset.ts), from the first +, or else the first -
 *
 * Offsets are exact seconds: a day is 24 hours even when clocks change. Throws the KymoError `time-invalid`.
 */
export function parseTimeExpression(text: string, options: TimeExpressionOptions): number {
  try {
    return checkRange(parse(text, options))
  } catch (error) {
    if (!(error instanceof NotATime)) throw error
    throw new KymoError('time-invalid', {
      parameter: options.parameter,
      value: excerpt(text, 100),
      reason: excerpt(error.message, 100),
    })
  }
}

const MAX_LENGTH = 256

/** The years 1 to 9999, as in Python. */
const FIRST_SECONDS = -62_135_596_800
const LAST_SECONDS = 253_402_300_799

function parse(text: string, options: TimeExpressionOptions): number {
  if (text.length > MAX_LENGTH) throw new NotATime(`it is longer than ${MAX_LENGTH} characters`)
  const compact = text.trim().toLowerCase().replace(/[_, ]/g, '')
  if (/^[0-9]+$/.test(compact) && !looksLikeDate(compact)) return Number(compact)
  const signAt = compact.includes('+') ? compact.indexOf('+') : compact.indexOf('-')
  const referenceEnd = signAt < 0 ? compact.length : signAt
  return (
    parseTimeReference(compact.slice(0, referenceEnd), options) + parseTimeOffset(compact.slice(referenceEnd))
  )
}

function looksLikeDate(digits: string): boolean {
  return (
    digits.length === 8 &&
    Number(digits.slice(0, 4)) > 1900 &&
    Number(digits.slice(4, 6)) < 13 &&
    Number(digits.slice(6)) < 32
  )
}

function checkRange(epochSeconds: number): number {
  if (epochSeconds >= FIRST_SECONDS && epochSeconds <= LAST_SECONDS) return epochSeconds
  throw new NotATime('it lies outside the years 1 to 9999 (times are in seconds, not milliseconds)')
}
