import type { LineShortcut } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { MAX_LINE_BYTES } from './decode-line.ts'

/** Where points go whose name was decoded before. */
export interface NumberedPoints {
  /** `number` is what `isNumber` was told with the name. */
  addNumbered(number: number, timeMs: number, value: number): void
}

/** Bytes of names that are remembered; what comes beyond is decoded each time. */
const MOST_NAME_BYTES = 64 * 1_024 * 1_024
const SMALLEST_TABLE = 1_024
/** Of a name in `#names`: where its bytes begin, how many they are, their hash, its number. */
const WORDS_PER_NAME = 4

/**
 * Takes the points of names that came before, which the decoder has read once: finds a name by its bytes, reads the two numbers
 * behind it where they are plain decimals, and makes no object of it. Lines that are written in any other way are left to the decoder.
 */
export class KnownNames implements LineShortcut {
  takenCount = 0
  readonly #points: NumberedPoints
  #receivedAtMs = 0
  /** Which name has a slot, plus 1; 0: none. */
  #slots = new Int32Array(SMALLEST_TABLE * 2)
  #names = new Int32Array(SMALLEST_TABLE * WORDS_PER_NAME)
  #count = 0
  #bytes = new Uint8Array(SMALLEST_TABLE * 32)
  #byteCount = 0
  /** Of the point that is being decoded; -1: there is none, or it is not to be remembered. */
  #number = -1

  constructor(points: NumberedPoints) {
    this.#points = points
  }

  /** To be called before the lines of each packet. */
  receivedAt(nowMs: number): void {
    this.#receivedAtMs = nowMs
  }

  decoding(): void {
    this.#number = -1
  }

  /** The line that is being decoded is a point of the series with this number. */
  isNumber(number: number): void {
    this.#number = number
  }

  decoded(bytes: Uint8Array, start: number, end: number): void {
    if (this.#number < 0) return
    let nameEnd = start
    while (nameEnd < end && (bytes[nameEnd] ?? 0) > SPACE) nameEnd++
    if (nameEnd === start || bytes[nameEnd] !== SPACE) return
    this.#learn(bytes, start, nameEnd, this.#number)
  }

  /** Numbers mean something else from now on, or names do. */
  forget(): void {
    this.#slots = new Int32Array(SMALLEST_TABLE * 2)
    this.#names = new Int32Array(SMALLEST_TABLE * WORDS_PER_NAME)
    this.#bytes = new Uint8Array(SMALLEST_TABLE * 32)
    this.#count = 0
    this.#byteCount = 0
    this.#number = -1
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    this.takenCount = 0
    if (this.#count === 0) return start
    const latestMs = this.#receivedAtMs + FUTURE_LIMIT_MS
    let lineStart = start
    while (lineStart < end) {
      let hash = HASH_START
      let at = lineStart
      let byte = 0
      for (; at < end; at++) {
        byte = bytes[at] ?? 0
        if (byte <= SPACE) break
        hash = Math.imul(hash ^ byte, HASH_FACTOR)
      }
      if (byte !== SPACE) break
      const number = this.#numberOf(bytes, lineStart, at, hash)
      if (number < 0) break

      const valueStart = at + 1
      let valueEnd = valueStart
      while (valueEnd < end && (bytes[valueEnd] ?? 0) > SPACE) valueEnd++
      if (bytes[valueEnd] !== SPACE) break
      const value = parseDecimal(bytes, valueStart, valueEnd)

      let seconds = 0
      let next = valueEnd + 1
      for (; next < end; next++) {
        byte = (bytes[next] ?? 0) - ZERO
        if (byte < 0 || byte > 9) break
        seconds = seconds * 10 + byte
      }
      const timeMs = seconds * 1_000
      // What is wrong, the decoder says.
      if (next >= end || bytes[next] !== LINE_FEED || next - lineStart > MAX_LINE_BYTES) break
      if (Number.isNaN(value) || !(timeMs > 0 && timeMs <= latestMs)) break
      this.#points.addNumbered(number, timeMs, value)
      this.takenCount++
      lineStart = next + 1
    }
    return lineStart
  }

  /** -1: it is not known. */
  #numberOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const names = this.#names
    const mask = this.#slots.length - 1
    for (let slot = slotOf(hash) & mask; ; slot = (slot + 1) & mask) {
      const known = this.#slots[slot] ?? 0
      if (known === 0) return -1
      const row = (known - 1) * WORDS_PER_NAME
      if (names[row + 2] !== hash || names[row + 1] !== end - start) continue
      const offset = (names[row] ?? 0) - start
      let at = start
      while (at < end && bytes[at] === this.#bytes[offset + at]) at++
      if (at === end) return names[row + 3] ?? -1
    }
  }

  #learn(bytes: Uint8Array, start: number, end: number, number: number): void {
    const length = end - start
    if (this.#byteCount + length > MOST_NAME_BYTES) return
    let hash = HASH_START
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), HASH_FACTOR)
    if (this.#numberOf(bytes, start, end, hash) >= 0) return
    this.#reserve(length)
    const row = this.#count * WORDS_PER_NAME
    this.#bytes.set(bytes.subarray(start, end), this.#byteCount)
    this.#names[row] = this.#byteCount
    this.#names[row + 1] = length
    this.#names[row + 2] = hash
    this.#names[row + 3] = number
    this.#byteCount += length
    this.#count++
    this.#put(hash, this.#count)
  }

  #reserve(length: number): void {
    if (this.#byteCount + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#byteCount + length))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    if ((this.#count + 1) * WORDS_PER_NAME <= this.#names.length) return
    const grown = new Int32Array(this.#names.length * 2)
    grown.set(this.#names)
    this.#names = grown
    this.#slots = new Int32Array((grown.length / WORDS_PER_NAME) * 2)
    for (let name = 1; name <= this.#count; name++)
      this.#put(grown[(name - 1) * WORDS_PER_NAME + 2] ?? 0, name)
  }

  #put(hash: number, name: number): void {
    const mask = this.#slots.length - 1
    let slot = slotOf(hash) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = name
  }
}

/** The last bytes of a name hardly reach the high bits of its hash, and the first ones not only the low ones. */
function slotOf(hash: number): number {
  return hash ^ (hash >>> 15)
}

const HASH_START = 0x811c_9dc5 | 0
const HASH_FACTOR = 0x0100_0193
const SPACE = 0x20
const LINE_FEED = 0x0a
const ZERO = 0x30
