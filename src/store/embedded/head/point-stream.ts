import { POWERS_OF_TEN } from '../codec/decimals.ts'

/**
 * How points stand in a head: one stream of bytes per series, in the order they came in, in pieces linked one to the next.
 * Every point is told by how it differs from the one before; before the first are its own time, distance 0 and value 0.
 *
 *   a byte below 128     a run: so many points and one more, each as far from the one before as that was, with the same value
 *   128 | time | value   one point
 *      time    0: as far from the one before as that was; 64: a varint follows
 *              0: the time as f64; else: distance in ms, zigzag, plus 1
 *      value   0 to 47: digits * 4 + bytes - 1: value = (base + difference) / 10^digits, where base is the value before as such
 *              an integer; then the difference in these bytes, signed
 *              48: the same; 49 to 56: exclusive-or of the bits with those before, the 1 to 8 low bytes
 *              57 to 62: the same, the 1 to 6 high bytes
 *              63: the stream goes on in the next piece
 *
 * All of it comes back to the last bit. A piece is a u32, the address of the next, and bytes of the stream; how long it is
 * follows from how long those before it were.
 */
export const SAME_VALUE = 48
export const LOW_BYTES = 48
export const HIGH_BYTES = 56
export const NEXT_PIECE = 63
export const HAS_TIME = 64
export const IS_POINT = 128
export const LONGEST_RUN = 128
export const PIECE_HEADER_BYTES = 4
/** No point takes more. */
export const MOST_POINT_BYTES = 18

const MOST_DIGITS = 11
/** Of a series whose last value was no decimal. */
const NO_DIGITS = 15
/** How often such a series is asked again whether it has become one. */
const DIGITS_ASKED_MASK = 7
export const LARGEST_INTEGER = 2 ** 51

/** How long the piece is that follows pieces of so many bytes. Few for a series that hardly changes, and little wasted for others. */
export function nextPieceBytes(bytesBefore: number): number {
  if (bytesBefore === 0) return 16
  const quarter = ((bytesBefore >>> 2) + 15) & ~15
  return quarter < 32 ? 32 : quarter > 512 ? 512 : quarter
}

const doubles = new Float64Array(2)
const words = new Uint32Array(doubles.buffer)

/** The integer that value is at these digits, for the next one to be told from. */
export function baseOf(value: number, power: number): number {
  const base = Math.round(value * power)
  return base >= -LARGEST_INTEGER && base <= LARGEST_INTEGER ? base : 0
}

/** Puts points together, one at a time. There is one per thread that writes: what it answers with is used again. */
export class PointEncoder {
  readonly bytes = new Uint8Array(MOST_POINT_BYTES)
  /** Digits that the values of the series had last: goes in and comes out. */
  digits = 0
  #length = 0

  /** Answers how many of `bytes` the point takes. `index`: how many points came before. */
  encode(timeMs: number, value: number, before: PointBefore, index: number): number {
    this.#length = 1
    let header = IS_POINT
    if (timeMs !== before.timeMs + before.distanceMs) {
      header |= HAS_TIME
      this.#time(timeMs, before.timeMs)
    }
    this.bytes[0] = header | this.#value(value, before.value, index)
    return this.#length
  }

  #time(timeMs: number, beforeMs: number): void {
    const distanceMs = timeMs - beforeMs
    const isExact =
      beforeMs + distanceMs === timeMs &&
      distanceMs >= -LARGEST_INTEGER &&
      distanceMs <= LARGEST_INTEGER &&
      Math.floor(distanceMs) === distanceMs
    if (!isExact) {
      this.bytes[this.#length++] = 0
      doubles[0] = timeMs
      this.#low(8, words[0] as number, words[1] as number)
      return
    }
    let rest = (distanceMs < 0 ? -2 * distanceMs - 1 : 2 * distanceMs) + 1
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.#length++] = (rest % 128) | 128
    this.bytes[this.#length++] = rest
  }

  #value(value: number, before: number, index: number): number {
    if (Object.is(value, before)) return SAME_VALUE
    const isAsked = this.digits !== NO_DIGITS || (index & DIGITS_ASKED_MASK) === 0
    if (isAsked && (value !== 0 || Object.is(value, 0))) {
      const code = this.#decimal(value, before)
      if (code >= 0) return code
    }
    return this.#bits(value, before)
  }

  /** -1: it is no decimal, or too far from the one before. */
  #decimal(value: number, before: number): number {
    let digits = this.digits === NO_DIGITS ? 0 : this.digits
    for (; ; digits++) {
      if (digits > MOST_DIGITS) {
        this.digits = NO_DIGITS
        return -1
      }
      const power = POWERS_OF_TEN[digits] as number
      const integer = Math.round(value * power)
      if (!(integer >= -LARGEST_INTEGER && integer <= LARGEST_INTEGER)) {
        this.digits = NO_DIGITS
        return -1
      }
      if (integer / power !== value) continue
      this.digits = digits
      const difference = integer - baseOf(before, power)
      if (difference >= -128 && difference < 128) return this.#difference(digits, 1, difference)
      if (difference >= -0x8000 && difference < 0x8000) return this.#difference(digits, 2, difference)
      if (difference >= -0x80_0000 && difference < 0x80_0000) return this.#difference(digits, 3, difference)
      if (difference >= -0x8000_0000 && difference < 0x8000_0000)
        return this.#difference(digits, 4, difference)
      return -1
    }
  }

  #difference(digits: number, byteCount: number, difference: number): number {
    for (let byte = 0; byte < byteCount; byte++) this.bytes[this.#length++] = difference >> (byte * 8)
    return digits * 4 + byteCount - 1
  }

  #bits(value: number, before: number): number {
    // Which NaN it is says nothing, and need not survive being handed on: the next value is told from 0.
    doubles[0] = value
    doubles[1] = Number.isNaN(before) ? 0 : before
    const low = ((words[0] as number) ^ (words[2] as number)) >>> 0
    const high = ((words[1] as number) ^ (words[3] as number)) >>> 0
    const lowCount = high === 0 ? bytesOf(low) : 4 + bytesOf(high)
    const zeros = low === 0 ? 4 + zeroBytesOf(high) : zeroBytesOf(low)
    const highCount = 8 - zeros
    if (highCount < lowCount && highCount <= 6) {
      for (let byte = zeros; byte < 8; byte++)
        this.bytes[this.#length++] = byte < 4 ? low >>> (byte * 8) : high >>> (byte * 8 - 32)
      return HIGH_BYTES + highCount
    }
    this.#low(lowCount, low, high)
    return LOW_BYTES + lowCount
  }

  #low(byteCount: number, low: number, high: number): void {
    for (let byte = 0; byte < byteCount; byte++)
      this.bytes[this.#length++] = byte < 4 ? low >>> (byte * 8) : high >>> (byte * 8 - 32)
  }
}

export interface PointBefore {
  timeMs: number
  distanceMs: number
  value: number
}

/** How many low bytes hold all of it: 1 to 4. */
function bytesOf(word: number): number {
  return word < 0x100 ? 1 : word < 0x1_0000 ? 2 : word < 0x100_0000 ? 3 : 4
}

/** How many low bytes are zero. Not of 0. */
function zeroBytesOf(word: number): number {
  return (word & 0xff) !== 0 ? 0 : (word & 0xffff) !== 0 ? 1 : (word & 0xff_ffff) !== 0 ? 2 : 3
}
