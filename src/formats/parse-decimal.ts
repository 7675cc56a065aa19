import { decodeLatin1 } from './decode-text.ts'

/**
 * Reads `bytes[start..end)` as a finite decimal and gives exactly the double that JavaScript's `Number` gives:
 *
 *   [+|-] digits [. digits] [e|E [+|-] digits]        `5.` and `.5` count, `.` alone does not
 *
 * Everything else is NaN: the empty text, blanks, hexadecimal, `Infinity`, `NaN`, `1_000`, and what overflows. -0 is kept.
 *
 * Fast path: up to 15 significant digits make an integer that a double holds exactly, and so does a power of ten up
 * to 22; one multiplication or division of the two rounds once and is therefore correct. The rest is left to `Number`.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const sign = at < end ? bytes[at] : 0
  if (sign === MINUS || sign === PLUS) at++

  let mantissa = 0
  let significantDigits = 0
  let power = 0
  let hasDigits = false
  let isFraction = false
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === POINT && !isFraction) {
      isFraction = true
      continue
    }
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) break
    hasDigits = true
    if (significantDigits > 0 || digit > 0) significantDigits++
    mantissa = mantissa * 10 + digit
    if (isFraction) power--
  }
  if (!hasDigits) return Number.NaN

  if (at < end && ((bytes[at] ?? 0) | LOWER_CASE) === LETTER_E) {
    at++
    const exponentSign = at < end ? bytes[at] : 0
    if (exponentSign === MINUS || exponentSign === PLUS) at++
    if (at === end) return Number.NaN
    let exponent = 0
    for (; at < end; at++) {
      const digit = (bytes[at] ?? 0) - ZERO
      if (digit < 0 || digit > 9) return Number.NaN
      exponent = exponent * 10 + digit
    }
    power += exponentSign === MINUS ? -exponent : exponent
  }
  if (at !== end) return Number.NaN

  if (significantDigits > 15 || power < -22 || power > 22) {
    const value = Number(decodeLatin1(bytes, start, end))
    return Number.isFinite(value) ? value : Number.NaN
  }
  const magnitude =
    power < 0 ? mantissa / (POWERS_OF_TEN[-power] ?? 1) : mantissa * (POWERS_OF_TEN[power] ?? 1)
  return sign === MINUS ? -magnitude : magnitude
}

const ZERO = 0x30
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const LETTER_E = 0x65
const LOWER_CASE = 0x20

const POWERS_OF_TEN: readonly number[] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
  1e20, 1e21, 1e22,
]
