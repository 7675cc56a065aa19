import { grow } from '../../lib/grow.ts'
import { KeyTable } from '../../lib/key-table.ts'
import type { LineShortcut } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { PlainDecimal } from '../plain-decimal.ts'
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
  /** Which came behind it last. */
  #following = new Uint32Array(FIRST_NAMES)
  /** The name that came last. */
  #last = 0
  readonly #decimal = new PlainDecimal()
  /** Of the line that was taken last; and the last eleven bytes of it, if ten are its digits. */
  #seconds = 0
  readonly #secondsText = new Int32Array(3)
  #view: DataView = new DataView(new ArrayBuffer(0))
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
    this.#following = new Uint32Array(FIRST_NAMES)
    this.#last = 0
    this.#nameBytes = 0
    this.#number = -1
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    this.takenCount = 0
    if (this.#names.size === 0) return start
    const view = this.#viewOf(bytes)
    const latestMs = this.#receivedAtMs + FUTURE_LIMIT_MS
    const decimal = this.#decimal
    let lineStart = start
    while (lineStart < end) {
      const nameEnd = this.#findName(bytes, view, lineStart, end)
      if (nameEnd < 0) break

      const valueStart = nameEnd + 1
      let value = decimal.read(bytes, valueStart, end)
      let valueEnd = decimal.end
      if (valueEnd >= end || bytes[valueEnd] !== SPACE || Number.isNaN(value)) {
        while (valueEnd < end && (bytes[valueEnd] as number) > SPACE) valueEnd++
        if (bytes[valueEnd] !== SPACE) break
        value = parseDecimal(bytes, valueStart, valueEnd)
      }

      const next = this.#readSeconds(bytes, view, valueEnd + 1, end)
      // What is wrong, the decoder says.
      if (next < 0 || next - lineStart > MAX_LINE_BYTES) break
      const timeMs = this.#seconds * 1_000
      if (Number.isNaN(value) || !(timeMs > 0 && timeMs <= latestMs)) break
      this.#points.addNumbered(this.#numbers[this.#last] as number, timeMs, value)
      this.takenCount++
      lineStart = next + 1
    }
    return lineStart
  }

  /** Where the name ends that is `#last` then. -1: it is not known, or no blank is behind it. */
  #findName(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    // Fast path: whoever sends series again sends them in the order in which they came before.
    const expected = this.#following[this.#last] as number
    const expectedEnd = this.#names.endOf(expected, view, start, end)
    if (expectedEnd >= 0 && bytes[expectedEnd] === SPACE) {
      this.#last = expected
      return expectedEnd
    }
    let nameEnd = start
    while (nameEnd < end && (bytes[nameEnd] as number) > SPACE) nameEnd++
    if (nameEnd >= end || bytes[nameEnd] !== SPACE) return -1
    const name = this.#names.findIn(bytes, start, nameEnd)
    if (name < 0) return -1
    this.#following[this.#last] = name
    this.#last = name
    return nameEnd
  }

  /** Reads `#seconds`, and answers where the LF behind them is; -1: it is another way of saying when. */
  #readSeconds(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const usualEnd = start + SECONDS_DIGITS
    // Fast path: so many digits and the LF are those of the line before.
    if (
      usualEnd < end &&
      view.getInt32(start, true) === this.#secondsText[0] &&
      view.getInt32(start + 4, true) === this.#secondsText[1] &&
      view.getInt32(start + 7, true) === this.#secondsText[2]
    )
      return usualEnd
    let seconds = 0
    let next = start
    for (; next < end; next++) {
      const digit = (bytes[next] as number) - ZERO
      if (digit < 0 || digit > 9) break
      seconds = seconds * 10 + digit
    }
    if (next >= end || bytes[next] !== LINE_FEED) return -1
    this.#seconds = seconds
    if (next === usualEnd) {
      this.#secondsText[0] = view.getInt32(start, true)
      this.#secondsText[1] = view.getInt32(start + 4, true)
      this.#secondsText[2] = view.getInt32(start + 7, true)
    } else this.#secondsText.fill(0)
    return next
  }

  /** One block after the other is in the same memory, or in a new one. */
  #viewOf(bytes: Uint8Array): DataView {
    const { buffer, byteOffset, byteLength } = bytes
    const last = this.#view
    if (last.buffer === buffer && last.byteOffset === byteOffset && last.byteLength === byteLength)
      return last
    this.#view = new DataView(buffer, byteOffset, byteLength)
    return this.#view
  }

  /** A name that is known keeps its number. */
  #learn(name: Uint8Array, number: number): void {
    if (this.#nameBytes + name.length > MOST_NAME_BYTES || this.#names.find(name) >= 0) return
    const slot = this.#names.use(name)
    if (slot === this.#numbers.length) {
      this.#numbers = grow(this.#numbers, new Uint32Array(this.#numbers.length * 2))
      this.#following = grow(this.#following, new Uint32Array(this.#following.length * 2))
    }
    this.#numbers[slot] = number
    this.#following[this.#last] = slot
    this.#last = slot
    this.#nameBytes += name.length
  }
}

const SPACE = 0x20
const LINE_FEED = 0x0a
const ZERO = 0x30
const SECONDS_DIGITS = 10
