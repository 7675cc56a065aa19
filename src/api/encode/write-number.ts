import { lengthOf, PADDED, PLAIN, WORD_NUMBERS } from './digit-words.ts'
import { writeRemembered } from './number-texts.ts'

/** Bytes that have to be there for a number, which may be written over behind it: 24 of the longest. */
export const LONGEST_NUMBER = 32
const MINUS = 0x2d
const POINT = 0x2e
const DIGIT_0 = 0x30
/** `null`, as it stands in memory. */
const NULL = 0x6c6c_756e
/** `-0.0` */
const MINUS_ZERO = 0x302e_302d
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
export function writeNumber(view: DataView, start: number, value: number): number {
  if (value <= LARGEST_SMALL_INTEGER && value >= -LARGEST_SMALL_INTEGER) {
    const whole = value | 0
    if (value === whole) {
      if (whole > 0) return writeWhole(view, start, whole)
      if (whole === 0 && Object.is(value, -0)) return writeWord(view, start, MINUS_ZERO)
      if (whole === 0) return writeWhole(view, start, 0)
      view.setUint8(start, MINUS)
      return writeWhole(view, start + 1, -whole)
    }
    const end = writeShort(view, start, value)
    if (end > start) return end
  }
  return Number.isFinite(value) ? writeRemembered(view, start, value) : writeWord(view, start, NULL)
}

/** Four bytes as they stand in memory. */
function writeWord(view: DataView, start: number, word: number): number {
  view.setUint32(start, word, true)
  return start + 4
}

/** An integer of 31 bits that is not negative: four digits at a time, which is a third of what one at a time takes. */
export function writeWhole(view: DataView, start: number, value: number): number {
  if (value < WORD_NUMBERS) {
    view.setUint32(start, PLAIN[value] as number, true)
    return start + lengthOf(value)
  }
  const front = (value / WORD_NUMBERS) | 0
  const end = writeWhole(view, start, front)
  view.setUint32(end, PADDED[value - front * WORD_NUMBERS] as number, true)
  return end + 4
}

/**
 * A number that is a decimal of few places. Of the decimals of 15 digits no two are the same number, so the one that it is
 * is the shortest, which is what `String` writes. Returns `start` where it is none.
 */
function writeShort(view: DataView, start: number, value: number): number {
  const size = Math.abs(value)
  // Below, `String` writes an exponent.
  if (!(size <= LARGEST_SHORT) || size < 1e-6) return start
  const scaled = Math.round(size * SHORT_SCALE)
  if (scaled / SHORT_SCALE !== size) return start
  let at = start
  if (value < 0) view.setUint8(at++, MINUS)
  const whole = Math.floor(scaled / SHORT_SCALE)
  at = writeWhole(view, at, whole)
  view.setUint8(at++, POINT)
  const places = (scaled - whole * SHORT_SCALE) | 0
  const front = (places / 100) | 0
  view.setUint32(at, PADDED[front] as number, true)
  view.setUint32(at + 4, (PADDED[places - front * 100] as number) >>> 16, true)
  at += SHORT_PLACES
  while (view.getUint8(at - 1) === DIGIT_0) at--
  return at
}
