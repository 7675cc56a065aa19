import { grow } from '../../lib/grow.ts'
import { KeyTable } from '../../lib/key-table.ts'
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
const FIRST_NAMES = 1_024

/**
 * Takes the points of names that came before, which the decoder has read once: finds a name by its bytes, reads the two numbers
 * behind it where they are plain decimals, and makes no object of it. Lines that are written in any other way are left to the decoder.
 */
export class KnownNames implements LineShortcut {
  takenCount = 0
  readonly #points: NumberedPoints
  #receivedAtMs = 0
  #names = new KeyTable()
  /** By slot of the name. */
  #numbers = new Uint32Array(FIRST_NAMES)
  #nameBytes = 0
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
    this.#learn(bytes.subarray(start, nameEnd), this.#number)
  }

  /** Numbers mean something else from now on, or names do. */
  forget(): void {
    this.#names = new KeyTable()
    this.#numbers = new Uint32Array(FIRST_NAMES)
    this.#nameBytes = 0
    this.#number = -1
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    this.takenCount = 0
    if (this.#names.size === 0) return start
    const latestMs = this.#receivedAtMs + FUTURE_LIMIT_MS
    let lineStart = start
    while (lineStart < end) {
      let nameEnd = lineStart
      while (nameEnd < end && (bytes[nameEnd] ?? 0) > SPACE) nameEnd++
      if (nameEnd >= end || bytes[nameEnd] !== SPACE) break
      const name = this.#names.findIn(bytes, lineStart, nameEnd)
      if (name < 0) break

      const valueStart = nameEnd + 1
      let valueEnd = valueStart
      while (valueEnd < end && (bytes[valueEnd] ?? 0) > SPACE) valueEnd++
      if (bytes[valueEnd] !== SPACE) break
      const value = parseDecimal(bytes, valueStart, valueEnd)

      let seconds = 0
      let next = valueEnd + 1
      for (; next < end; next++) {
        const digit = (bytes[next] ?? 0) - ZERO
        if (digit < 0 || digit > 9) break
        seconds = seconds * 10 + digit
      }
      const timeMs = seconds * 1_000
      // What is wrong, the decoder says.
      if (next >= end || bytes[next] !== LINE_FEED || next - lineStart > MAX_LINE_BYTES) break
      if (Number.isNaN(value) || !(timeMs > 0 && timeMs <= latestMs)) break
      this.#points.addNumbered(this.#numbers[name] ?? 0, timeMs, value)
      this.takenCount++
      lineStart = next + 1
    }
    return lineStart
  }

  /** A name that is known keeps its number. */
  #learn(name: Uint8Array, number: number): void {
    if (this.#nameBytes + name.length > MOST_NAME_BYTES || this.#names.find(name) >= 0) return
    const slot = this.#names.use(name)
    if (slot === this.#numbers.length)
      this.#numbers = grow(this.#numbers, new Uint32Array(this.#numbers.length * 2))
    this.#numbers[slot] = number
    this.#nameBytes += name.length
  }
}

const SPACE = 0x20
const LINE_FEED = 0x0a
const ZERO = 0x30
