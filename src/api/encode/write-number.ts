/** Bytes of the longest number: the sign, 17 digits, a point, zeros behind it or an exponent. */
export const LONGEST_NUMBER = 32
const DIGIT_0 = 0x30
const MINUS = 0x2d
const POINT = 0x2e
/** What fits into 31 bits is divided quickly. */
const LARGEST_SMALL_INTEGER = 2 ** 31 - 1
/** Numbers of so many places behind the point, and of 15 digits at most, are written without `String`. */
const SHORT_PLACES = 6
const SHORT_SCALE = 10 ** SHORT_PLACES
const LARGEST_SHORT = 999_999_999

/**
 * Writes a number as JSON has it: as `String` writes it, but for -0; null if it is not finite. There is room for LONGEST_NUMBER bytes. Returns where
 * it ends.
 */
export function writeNumber(piece: Uint8Array, start: number, value: number): number {
  if (value <= LARGEST_SMALL_INTEGER && value >= -LARGEST_SMALL_INTEGER) {
    const whole = value | 0
    if (value === whole) {
      if (whole === 0)
        return Object.is(value, -0) ? writeAscii(piece, start, '-0.0') : writeDigit(piece, start)
      return writeInteger(piece, start, whole)
    }
    const end = writeShort(piece, start, value)
    if (end > start) return end
  }
  return writeAscii(piece, start, Number.isFinite(value) ? String(value) : 'null')
}

function writeDigit(piece: Uint8Array, start: number): number {
  piece[start] = DIGIT_0
  return start + 1
}

function writeAscii(piece: Uint8Array, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) piece[start + index] = text.charCodeAt(index)
  return start + text.length
}

/** Not 0, and of 31 bits: divided as integers. */
export function writeInteger(piece: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  if (rest < 0) {
    piece[at++] = MINUS
    rest = -rest | 0
  }
  const end = at + digitsOf(rest)
  for (let place = end - 1; place >= at; place--) {
    const next = (rest / 10) | 0
    piece[place] = DIGIT_0 + rest - Math.imul(next, 10)
    rest = next
  }
  return end
}

/**
 * A number that is a decimal of few places. Of the decimals of 15 digits no two are the same number, so the one that it is
 * is the shortest, which is what `String` writes. Returns `start` where it is none.
 */
function writeShort(piece: Uint8Array, start: number, value: number): number {
  const size = Math.abs(value)
  // Below, `String` writes an exponent.
  if (!(size <= LARGEST_SHORT) || size < 1e-6) return start
  const scaled = Math.round(size * SHORT_SCALE)
  if (scaled / SHORT_SCALE !== size) return start
  let at = start
  if (value < 0) piece[at++] = MINUS
  const whole = Math.floor(scaled / SHORT_SCALE)
  at = whole === 0 ? writeDigit(piece, at) : writeInteger(piece, at, whole)
  piece[at++] = POINT
  let rest = (scaled - whole * SHORT_SCALE) | 0
  let places = SHORT_PLACES
  for (; places > 1; places--) {
    const next = (rest / 10) | 0
    if (Math.imul(next, 10) !== rest) break
    rest = next
  }
  for (let place = at + places - 1; place >= at; place--) {
    const next = (rest / 10) | 0
    piece[place] = DIGIT_0 + rest - Math.imul(next, 10)
    rest = next
  }
  return at + places
}

function digitsOf(integer: number): number {
  if (integer < 100_000) {
    if (integer < 100) return integer < 10 ? 1 : 2
    if (integer < 10_000) return integer < 1_000 ? 3 : 4
    return 5
  }
  if (integer < 10_000_000) return integer < 1_000_000 ? 6 : 7
  if (integer < 1_000_000_000) return integer < 100_000_000 ? 8 : 9
  return 10
}
