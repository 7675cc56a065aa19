import { grow, roomFor } from '../../lib/grow.ts'
import { KeyTable } from '../../lib/key-table.ts'
import type { LineShortcut } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { PlainDecimal } from '../plain-decimal.ts'
import { MAX_LINE_BYTES } from './decode-line.ts'

/** Where points go whose name was decoded before. */
export interface NumberedPoints {
  /** By number: the key of a series that is untyped. It is another table once numbers are given anew. */
  readonly keys: KeyTable
  /** `number` is what `isNumber` was told with the name. */
  addNumbered(number: number, timeMs: number, value: number): void
}

/** Bytes of names that are no keys and are remembered; what comes beyond is decoded each time. */
const MOST_NAME_BYTES = 64 * 1_024 * 1_024
const FIRST_NAMES = 1_024

/**
 * Takes the points of names that came before, which the decoder has read once: finds a name by its bytes, reads the two numbers
 * behind it where they are plain decimals, and makes no object of it. Lines that are written in any other way are left to the decoder.
 *
 * Most names are the keys of their series, to the byte, and are found among those; others (`a;z=1;b=2`, or what a rule renames) are kept here. A
 * *place* is a number of the one kind, doubled, or a slot of the other, doubled and one more.
 */
export class KnownNames implements LineShortcut {
  takenCount = 0
  readonly #points: NumberedPoints
  #receivedAtMs = 0
  /** Of the series that were decoded from lines, by number: their names are their keys. */
  #areKeys = new Uint8Array(FIRST_NAMES)
  /** Names that are no keys, and their numbers by slot. */
  #others = new KeyTable()
  #numbers = new Uint32Array(FIRST_NAMES)
  /** By place: one more than the place that came behind it last. 0: none. */
  #following = new Uint32Array(FIRST_NAMES)
  /** Of the name that came last. */
  #last = 0
  #hasNames = false
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
    this.#areKeys = new Uint8Array(FIRST_NAMES)
    this.#others = new KeyTable()
    this.#numbers = new Uint32Array(FIRST_NAMES)
    this.#following = new Uint32Array(FIRST_NAMES)
    this.#last = 0
    this.#hasNames = false
    this.#nameBytes = 0
    this.#number = -1
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    this.takenCount = 0
    if (!this.#hasNames) return start
    const { keys } = this.#points
    const view = this.#viewOf(bytes)
    const latestMs = this.#receivedAtMs + FUTURE_LIMIT_MS
    const decimal = this.#decimal
    let lineStart = start
    while (lineStart < end) {
      const nameEnd = this.#findName(keys, bytes, view, lineStart, end)
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
      const last = this.#last
      const number = (last & 1) === 0 ? last >>> 1 : (this.#numbers[last >>> 1] as number)
      this.#points.addNumbered(number, timeMs, value)
      this.takenCount++
      lineStart = next + 1
    }
    return lineStart
  }

  /** Where the name ends that is `#last` then. -1: it is not known, or no blank is behind it. */
  #findName(keys: KeyTable, bytes: Uint8Array, view: DataView, start: number, end: number): number {
    // Fast path: whoever sends series again sends them in the order in which they came before.
    const expected = (this.#following[this.#last] as number) - 1
    if (expected >= 0) {
      const table = (expected & 1) === 0 ? keys : this.#others
      const expectedEnd = table.endOf(expected >>> 1, view, start, end)
      if (expectedEnd >= 0 && bytes[expectedEnd] === SPACE) {
        this.#last = expected
        return expectedEnd
      }
    }
    let nameEnd = start
    while (nameEnd < end && (bytes[nameEnd] as number) > SPACE) nameEnd++
    if (nameEnd >= end || bytes[nameEnd] !== SPACE) return -1
    const place = this.#placeOf(keys, bytes, start, nameEnd)
    if (place < 0) return -1
    this.#follow(place)
    return nameEnd
  }

  #placeOf(keys: KeyTable, bytes: Uint8Array, start: number, end: number): number {
    const number = keys.findIn(bytes, start, end)
    if (number >= 0 && this.#areKeys[number] === 1) return number * 2
    const slot = this.#others.size === 0 ? -1 : this.#others.findIn(bytes, start, end)
    return slot < 0 ? -1 : slot * 2 + 1
  }

  #follow(place: number): void {
    this.#following[this.#last] = place + 1
    this.#last = place
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
    const { keys } = this.#points
    if (this.#placeOf(keys, name, 0, name.length) >= 0) return
    const isKey = keys.find(name) === number
    if (!isKey && this.#nameBytes + name.length > MOST_NAME_BYTES) return
    const slot = isKey ? number : this.#others.use(name)
    const place = isKey ? number * 2 : slot * 2 + 1
    if (place >= this.#following.length)
      this.#following = grow(this.#following, new Uint32Array(roomFor(place)))
    if (isKey) {
      if (number >= this.#areKeys.length) this.#areKeys = grow(this.#areKeys, new Uint8Array(roomFor(number)))
      this.#areKeys[number] = 1
    } else {
      if (slot >= this.#numbers.length)
        this.#numbers = grow(this.#numbers, new Uint32Array(this.#numbers.length * 2))
      this.#numbers[slot] = number
      this.#nameBytes += name.length
    }
    this.#hasNames = true
    this.#follow(place)
  }
}

const SPACE = 0x20
const LINE_FEED = 0x0a
const ZERO = 0x30
const SECONDS_DIGITS = 10
