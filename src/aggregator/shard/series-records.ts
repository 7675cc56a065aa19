import { grow, release } from '../../lib/grow.ts'
import {
  HASH,
  HEADER_BYTES,
  ID,
  IS_METRIC,
  IS_SHAPE,
  LENGTHS,
  MARK_SHIFT,
  MEANING,
  NAME_MASK,
  NEXT,
  recordBytes,
  TARGET,
  textOffset,
  withTextOffset,
} from './record.ts'
import type { RecordText } from './record-text.ts'
import { isSameText } from '../../lib/text-hash.ts'

/**
 * The records of a shard, found by their text: an arena to which records are added, and an index of places into it.
 *
 *   index   . . 5 . . 1 12 . .      a record stands at the place of its hash, or in one of those behind it
 *   arena   |1 api.hits|c |5 web.hits|c |12 api.time|ms ...
 *
 * A text is looked for in `MOST_PLACES` places at most. Names made up to collide cost no more than that: a shape that has no
 * place is not remembered, and a metric that has none is found in a map. References stay as they are until `compact`.
 */
export class SeriesRecords {
  /** Of the whole arena; another one after a record was added. */
  view: DataView
  /** References by place; another one after a record was added. Its length is a power of two. */
  index: Int32Array
  #bytes: Uint8Array
  #endBytes = FIRST_RECORD
  #indexed = 0
  /** Metrics without a place, by their text. */
  readonly #hidden = new Map<string, number>()

  constructor() {
    this.#bytes = new Uint8Array(FIRST_ARENA_BYTES)
    this.view = new DataView(this.#bytes.buffer)
    this.index = new Int32Array(FIRST_PLACES)
  }

  /** What the records take up. */
  get sizeBytes(): number {
    return this.#endBytes
  }

  /** The record with this text that has one of the flags `wanted`; 0 if there is none, or, of a shape, none with a place. */
  find(hash: number, wanted: number, text: RecordText): number {
    const { index, view } = this
    const lengths = lengthsOf(text)
    const mask = index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      const at = (index[place] ?? 0) * UNIT_BYTES
      if (at === 0) return 0
      if (view.getInt32(at + HASH, true) !== hash || view.getInt32(at + LENGTHS, true) !== lengths) continue
      if ((view.getInt32(at + MEANING, true) & wanted) !== 0 && this.#hasText(at, text)) return at
    }
    if (this.#hidden.size === 0 || (wanted & IS_METRIC) === 0) return 0
    return this.#hidden.get(hiddenKey(text)) ?? 0
  }

  /**
   * Adds a record, all zero but for what is given, and returns where. `target` 0: its own. A shape for which there is no place
   * is not added, and 0 returned.
   */
  add(hash: number, kindAndFlags: number, target: number, text: RecordText): number {
    const meaning = withTextOffset(kindAndFlags)
    if (this.#indexed * 2 >= this.index.length) this.#growIndex()
    const place = this.#freePlace(hash)
    const isMetric = (meaning & IS_METRIC) !== 0
    if (place < 0 && !isMetric) return 0

    const nameBytes = text.nameEnd - text.nameStart
    const markBytes = text.markEnd - text.markStart
    const at = this.#append(recordBytes(meaning, nameBytes + markBytes))
    const { view } = this
    view.setInt32(at + HASH, hash, true)
    view.setInt32(at + LENGTHS, lengthsOf(text), true)
    view.setInt32(at + TARGET, (target === 0 ? at : target) / UNIT_BYTES, true)
    view.setInt32(at + MEANING, meaning, true)
    const textAt = at + textOffset(meaning)
    const source = new Uint8Array(text.view.buffer, text.view.byteOffset, text.view.byteLength)
    this.#bytes.set(source.subarray(text.nameStart, text.nameEnd), textAt)
    this.#bytes.set(source.subarray(text.markStart, text.markEnd), textAt + nameBytes)
    this.#putAt(place, at)
    return at
  }

  /** Whether the text of that record is this one. */
  isText(at: number, hash: number, text: RecordText): boolean {
    return (
      this.view.getInt32(at + HASH, true) === hash &&
      this.view.getInt32(at + LENGTHS, true) === lengthsOf(text) &&
      this.#hasText(at, text)
    )
  }

  addMeaning(at: number, meaning: number): void {
    this.view.setInt32(at + MEANING, this.view.getInt32(at + MEANING, true) | meaning, true)
  }

  /** Takes it from all records. */
  clearMeaning(meaning: number): void {
    for (const at of this)
      this.view.setInt32(at + MEANING, this.view.getInt32(at + MEANING, true) & ~meaning, true)
  }

  /** The bytes of the text before the value: of a metric's record, its key. Good until a record is added. */
  nameBytes(at: number): Uint8Array {
    const textAt = at + textOffset(this.view.getInt32(at + MEANING, true))
    return this.#bytes.subarray(textAt, textAt + (this.view.getInt32(at + LENGTHS, true) & NAME_MASK))
  }

  /** Where every record is, from the oldest on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let at = FIRST_RECORD; at < this.#endBytes; at += this.recordBytes(at)) yield at
  }

  /**
   * Drops the metrics that are not kept, the other ways to write them, and what is not found by its text any more, and moves
   * the rest together, without what came behind each. Every reference is void after that. `onDropped` is told the id of each metric
   * that goes. Not `keepsShapes`: drops the other ways to write metrics that are kept as well.
   */
  compact(isKept: (at: number) => boolean, onDropped: (id: number) => void, keepsShapes: boolean): void {
    const { view } = this
    const bytes = this.#bytes
    const end = this.#endBytes
    for (const at of this) {
      if (view.getUint32(at + TARGET, true) * UNIT_BYTES !== at || isKept(at)) continue
      if ((view.getInt32(at + MEANING, true) & IS_METRIC) !== 0) onDropped(view.getUint32(at + ID, true))
      view.setUint32(at + TARGET, 0, true)
    }
    this.#bytes = new Uint8Array(FIRST_ARENA_BYTES)
    this.view = new DataView(this.#bytes.buffer)
    this.#endBytes = FIRST_RECORD
    this.#indexed = 0
    let recordCount = 0
    for (let at = FIRST_RECORD, length = 0; at < end; at += length) {
      length = lengthOfRecord(view, at)
      const oldTarget = view.getUint32(at + TARGET, true) * UNIT_BYTES
      const isOwn = oldTarget === at
      // A metric's record comes before other ways to write it, and leaves behind where it has gone: 0 if it is dropped.
      const movedTarget = oldTarget === 0 ? 0 : view.getUint32(oldTarget + TARGET, true)
      if (movedTarget === 0 || (view.getInt32(at + MEANING, true) & IS_FOUND) === 0) continue
      if (!isOwn && !keepsShapes) continue
      const to = this.#append(length)
      recordCount++
      this.#bytes.set(bytes.subarray(at, at + length), to)
      this.view.setUint32(to + NEXT, 0, true)
      this.view.setUint32(to + TARGET, isOwn ? to / UNIT_BYTES : movedTarget, true)
      if (isOwn) view.setUint32(at + TARGET, to / UNIT_BYTES, true)
    }
    release(bytes)
    let places = FIRST_PLACES
    while (places < recordCount * 2) places *= 2
    this.#indexAll(places)
  }

  /** What a record takes up. */
  recordBytes(at: number): number {
    return lengthOfRecord(this.view, at)
  }

  #hasText(at: number, { view, nameStart, nameEnd, markStart, markEnd }: RecordText): boolean {
    const textAt = at + textOffset(this.view.getInt32(at + MEANING, true))
    const nameBytes = nameEnd - nameStart
    return (
      isSameText(this.view, textAt, view, nameStart, nameBytes) &&
      isSameText(this.view, textAt + nameBytes, view, markStart, markEnd - markStart)
    )
  }

  /** -1: all places of this hash are taken. */
  #freePlace(hash: number): number {
    const mask = this.index.length - 1
    for (let place = hash & mask, left = MOST_PLACES; left > 0; place = (place + 1) & mask, left--) {
      if (this.index[place] === 0) return place
    }
    return -1
  }

  #growIndex(): void {
    this.#indexAll(this.index.length * 2)
  }

  #indexAll(places: number): void {
    release(this.index)
    this.index = new Int32Array(places)
    this.#indexed = 0
    this.#hidden.clear()
    for (const at of this) {
      const isFound = (this.view.getInt32(at + MEANING, true) & IS_FOUND) !== 0
      if (isFound) this.#putAt(this.#freePlace(this.view.getInt32(at + HASH, true)), at)
    }
  }

  /** -1: there is no place for it. What had one in an index before may have none in this one. */
  #putAt(place: number, at: number): void {
    if (place >= 0) {
      this.index[place] = at / UNIT_BYTES
      this.#indexed++
    } else if ((this.view.getInt32(at + MEANING, true) & IS_METRIC) !== 0) {
      this.#hidden.set(this.#hiddenKey(at), at)
    }
  }

  #hiddenKey(at: number): string {
    const nameStart = at + textOffset(this.view.getInt32(at + MEANING, true))
    const lengths = this.view.getInt32(at + LENGTHS, true)
    const nameEnd = nameStart + (lengths & NAME_MASK)
    const markEnd = nameEnd + (lengths >>> MARK_SHIFT)
    return hiddenKey({ view: this.view, nameStart, nameEnd, markStart: nameEnd, markEnd })
  }

  #append(length: number): number {
    if (this.#endBytes + length + READ_AHEAD_BYTES > this.#bytes.length) {
      const needed = Math.max(this.#bytes.length * 2, this.#endBytes + length + READ_AHEAD_BYTES)
      this.#bytes = grow(this.#bytes.subarray(0, this.#endBytes), new Uint8Array(needed))
      this.view = new DataView(this.#bytes.buffer)
    }
    const at = this.#endBytes
    this.#endBytes += length
    return at
  }
}

const IS_FOUND = IS_SHAPE | IS_METRIC
/** References count in these. */
export const UNIT_BYTES = 8
/** In how many places a text is looked for. With half of them taken, one in many thousand texts needs more. */
export const MOST_PLACES = 32
const FIRST_RECORD = Math.ceil(HEADER_BYTES / UNIT_BYTES) * UNIT_BYTES
const FIRST_ARENA_BYTES = 1 << 18
const FIRST_PLACES = 1 << 12
/** Texts are compared by words. */
const READ_AHEAD_BYTES = 8

function lengthsOf({ nameStart, nameEnd, markStart, markEnd }: RecordText): number {
  return (nameEnd - nameStart) | ((markEnd - markStart) << MARK_SHIFT)
}

function hiddenKey({ view, nameStart, nameEnd, markStart, markEnd }: RecordText): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  return `${bytes.toString('latin1', markStart, markEnd)} ${bytes.toString('latin1', nameStart, nameEnd)}`
}

function lengthOfRecord(view: DataView, at: number): number {
  const lengths = view.getInt32(at + LENGTHS, true)
  return recordBytes(view.getInt32(at + MEANING, true), (lengths & NAME_MASK) + (lengths >>> MARK_SHIFT))
}
