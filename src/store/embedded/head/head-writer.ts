import { isSameIdentity, type SeriesIdentity } from '../../../model/series-identity.ts'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import type { Columns } from '../payloads.ts'
import { enterSlot, entryOf, findSlot } from './find-slot.ts'
import { EntryWriter, readEntry } from './head-entry.ts'
import {
  DOUBLES_PER_SLOT,
  HeadPages,
  OFFSET_MASK,
  PAGE_BITS,
  PAGE_BYTES,
  SLOT_BITS,
  SLOT_DOUBLE,
  SLOT_FLAG,
  SLOT_MASK,
  SLOT_WORD,
  WORDS_PER_PLACE,
  WORDS_PER_SLOT,
  type HeadName,
  type SharedHead,
} from './head-pages.ts'
import { KeyBytes } from './key-bytes.ts'
import { pageOf, type Page } from './page.ts'
import {
  IS_POINT,
  LONGEST_RUN,
  NEXT_PIECE,
  nextPieceBytes,
  PIECE_HEADER_BYTES,
  PointEncoder,
} from './point-stream.ts'
import { writeDelete } from './head-deletes.ts'

/** Memory that a head has got, as readers elsewhere are told of it. */
export interface HeadGrowth {
  readonly part: 'slots' | 'bytes' | 'table'
  readonly buffer: SharedArrayBuffer
}

/** Used again for the next one. */
export interface SlotOfSeries {
  readonly slot: number
  readonly isTold: boolean
}

/** Beside the flags stands how long the piece is that is being written. */
const PIECE_SHIFT = 8
const FLAGS_MASK = 0xff
const LEAST_PLACES = 1_024
/** Of the places. Those with another hash are passed over without a look elsewhere, so that there may be many. */
const MOST_TAKEN = 0.75
const encoder = new PointEncoder()
const before = { timeMs: 0, distanceMs: 0, value: 0 }
const single = { timesMs: new Float64Array(1), values: new Float64Array(1) }

/**
 * Fills the head of one segment. What a method wrote is there for readers when it returns. Slots are the numbers of the
 * segment: a number that damage has skipped is a slot without a series.
 */
export class HeadWriter {
  readonly pages: HeadPages
  /** One more than the highest slot in use. */
  slotCount = 0
  seriesCount = 0
  memoryBytes = 0
  /** Of all points that were written, whatever became of them. More than `newestMs`: none. */
  oldestMs = Number.POSITIVE_INFINITY
  newestMs = Number.NEGATIVE_INFINITY
  newestFlushMs = 0
  pointCount = 0
  deleteCount = 0
  readonly #announce: (growth: HeadGrowth) => void
  readonly #key = new KeyBytes()
  readonly #takeAligned = (byteCount: number): number => this.#take(byteCount, 8)
  readonly #entries: EntryWriter
  readonly #found = { slot: 0, isTold: false }
  #tableBytes = 0
  /** Where the next bytes go, and the end of the page they are in. Address 0 stays free. */
  #next = 8
  #pageEnd = 0

  /** `expectedSeries`: for so many there is room in the table from the beginning. */
  constructor(name: HeadName, announce: (growth: HeadGrowth) => void = () => {}, expectedSeries = 0) {
    this.#announce = announce
    this.pages = new HeadPages(name, () => {})
    this.#entries = new EntryWriter(this.pages, this.#takeAligned)
    this.#newTable(Math.max(LEAST_PLACES, 2 ** Math.ceil(Math.log2(expectedSeries / MOST_TAKEN))))
  }

  /** -1: the head does not know this key. */
  find(key: SeriesKey): number {
    this.#key.set(key, this.pages.seed)
    return findSlot(this.pages, this.#key)
  }

  identityOf(slot: number): SeriesIdentity | undefined {
    const entry = slot >= 0 && slot < this.slotCount ? entryOf(this.pages, slot) : 0
    return entry === 0 ? undefined : readEntry(this.pages, entry)
  }

  /**
   * The slot of a series, which it gets if it is new. `isTold`: that, or that it is something else now, is news. A slot without
   * points is nothing to readers.
   */
  slotOf(identity: SeriesIdentity): SlotOfSeries {
    const known = this.find(identity.key)
    const slot = known >= 0 ? known : this.slotCount
    const isTold = known < 0 || !isSameIdentity(readEntry(this.pages, entryOf(this.pages, known)), identity)
    if (isTold) this.#put(slot, identity, known < 0)
    this.#found.slot = slot
    this.#found.isTold = isTold
    return this.#found
  }

  /** Gives a slot its series, as a segment says it, or says what its series is from now on. A key that has another slot keeps that. */
  introduce(slot: number, identity: SeriesIdentity): void {
    const known = this.find(identity.key)
    if (known >= 0 && known !== slot) return
    // Damage may have taken what introduced it: then it is somebody else's, whose points are not mixed with these.
    if (known < 0 && slot < this.slotCount && entryOf(this.pages, slot) !== 0) return
    this.#put(slot, identity, known < 0)
  }

  /** The key is the one that was looked for last. */
  #put(slot: number, identity: SeriesIdentity, isNew: boolean): void {
    while (slot >= this.pages.slots.length << SLOT_BITS)
      this.pages.slots.push(this.#newPage('slots', PAGE_BYTES))
    const address = this.#entries.write(identity, this.#key)
    const place = (slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.entry
    Atomics.store(this.pages.slotPage(slot).words, place, address)
    this.slotCount = Math.max(this.slotCount, slot + 1)
    if (!isNew) return
    const places = this.pages.table.length / WORDS_PER_PLACE
    if (++this.seriesCount > places * MOST_TAKEN) this.#newTable(places * 2)
    enterSlot(this.pages.table, slot, this.#key.hash)
  }

  /** All points of a flush have one time. */
  appendFlush({ numbers, values }: Pick<Columns, 'numbers' | 'values'>, timeMs: number): void {
    this.#noteTime(timeMs)
    if (timeMs > this.newestFlushMs) this.newestFlushMs = timeMs
    for (let index = 0; index < numbers.length; index++)
      this.append(numbers[index] as number, timeMs, values[index] as number)
  }

  /** Ordered by number, then time. */
  appendPoints({ numbers, timesMs, values }: Columns): void {
    for (let start = 0, end = 0; start < numbers.length; start = end) {
      const slot = numbers[start] as number
      for (end = start + 1; end < numbers.length && numbers[end] === slot; ) end++
      this.#noteTime(timesMs[start] as number)
      this.#noteTime(timesMs[end - 1] as number)
      this.#appendRun(slot, timesMs, values, start, end)
    }
  }

  #noteTime(timeMs: number): void {
    if (timeMs < this.oldestMs) this.oldestMs = timeMs
    if (timeMs > this.newestMs) this.newestMs = timeMs
  }

  append(slot: number, timeMs: number, value: number): void {
    single.timesMs[0] = timeMs
    single.values[0] = value
    this.#appendRun(slot, single.timesMs, single.values, 0, 1)
  }

  /** Points of one series. A slot without one takes nothing. */
  #appendRun(slot: number, timesMs: Float64Array, values: Float64Array, start: number, end: number): void {
    this.pointCount += end - start
    if (slot >= this.slotCount) return
    const { words, doubles } = this.pages.slots[slot >>> SLOT_BITS] as Page
    const word = (slot & SLOT_MASK) * WORDS_PER_SLOT
    const double = (slot & SLOT_MASK) * DOUBLES_PER_SLOT
    if (words[word + SLOT_WORD.entry] === 0) return
    let points = words[word + SLOT_WORD.points] as number
    if (points === 0) {
      doubles[double + SLOT_DOUBLE.firstTime] = timesMs[start] as number
      doubles[double + SLOT_DOUBLE.lastTime] = timesMs[start] as number
    }
    let lastMs = doubles[double + SLOT_DOUBLE.lastTime] as number
    let distanceMs = doubles[double + SLOT_DOUBLE.lastDistance] as number
    let lastValue = doubles[double + SLOT_DOUBLE.lastValue] as number
    for (let index = start; index < end; index++) {
      const timeMs = timesMs[index] as number
      const value = values[index] as number
      if (timeMs === lastMs + distanceMs && Object.is(value, lastValue)) {
        if (
          ((words[word + SLOT_WORD.flags] as number) & SLOT_FLAG.openRun) === 0 ||
          !this.#growRun(words, word)
        ) {
          encoder.bytes[0] = 0
          this.#write(words, word, 1)
          words[word + SLOT_WORD.flags] = (words[word + SLOT_WORD.flags] as number) | SLOT_FLAG.openRun
        }
      } else {
        const room = words[word + SLOT_WORD.room] as number
        before.timeMs = lastMs
        before.distanceMs = distanceMs
        before.value = lastValue
        encoder.digits = room & 0xff
        const byteCount = encoder.encode(timeMs, value, before, points)
        words[word + SLOT_WORD.room] = (room & ~0xff) | encoder.digits
        this.#write(words, word, byteCount)
        words[word + SLOT_WORD.flags] = (words[word + SLOT_WORD.flags] as number) & ~SLOT_FLAG.openRun
        lastValue = value
      }
      if (points > 0 && timeMs <= lastMs)
        words[word + SLOT_WORD.flags] = (words[word + SLOT_WORD.flags] as number) | SLOT_FLAG.outOfOrder
      distanceMs = timeMs - lastMs
      lastMs = timeMs
      points++
    }
    doubles[double + SLOT_DOUBLE.lastTime] = lastMs
    doubles[double + SLOT_DOUBLE.lastDistance] = distanceMs
    doubles[double + SLOT_DOUBLE.lastValue] = lastValue
    // Once for all of them: it waits until everything before is where readers look.
    Atomics.store(words, word + SLOT_WORD.points, points)
  }

  /** What came before in this range is gone, here and in what is older than the head. */
  delete(slot: number, range: TimeRange): void {
    if (slot >= this.slotCount || entryOf(this.pages, slot) === 0) return
    writeDelete(this.pages, slot, range, this.#takeAligned)
    this.deleteCount++
  }

  /** For whoever reads it when it is complete. */
  share(): SharedHead {
    const { number, seed, slots, bytes } = this.pages
    return {
      number,
      seed,
      slotCount: this.slotCount,
      slots: slots.map(({ buffer }) => buffer),
      bytes: bytes.map(({ buffer }) => buffer),
    }
  }

  /** False: the run is as long as one can be. */
  #growRun(words: Uint32Array, word: number): boolean {
    const last = (words[word + SLOT_WORD.write] as number) - 1
    const { bytes } = this.pages.bytes[last >>> PAGE_BITS] as Page
    const length = bytes[last & OFFSET_MASK] as number
    if (length === LONGEST_RUN - 1) return false
    bytes[last & OFFSET_MASK] = length + 1
    return true
  }

  /** Adds bytes of the encoder to the stream of a series. */
  #write(words: Uint32Array, word: number, byteCount: number): void {
    let address = words[word + SLOT_WORD.write] as number
    if (address + byteCount > (words[word + SLOT_WORD.pieceEnd] as number))
      address = this.#newPiece(words, word)
    const { bytes } = this.pages.bytes[address >>> PAGE_BITS] as Page
    const offset = address & OFFSET_MASK
    for (let index = 0; index < byteCount; index++) bytes[offset + index] = encoder.bytes[index] as number
    words[word + SLOT_WORD.write] = address + byteCount
  }

  #newPiece(words: Uint32Array, word: number): number {
    const room = words[word + SLOT_WORD.room] as number
    const pieceBytes = nextPieceBytes(room >>> 8)
    const piece = this.#take(pieceBytes, 4)
    const last = words[word + SLOT_WORD.write] as number
    if (last === 0) words[word + SLOT_WORD.firstPiece] = piece
    else {
      const end = words[word + SLOT_WORD.pieceEnd] as number
      const page = this.pages.bytes[(last - 1) >>> PAGE_BITS] as Page
      if (last < end) page.bytes[last & OFFSET_MASK] = IS_POINT | NEXT_PIECE
      const start = end - ((words[word + SLOT_WORD.flags] as number) >>> PIECE_SHIFT)
      Atomics.store(page.words, (start & OFFSET_MASK) >>> 2, piece)
    }
    const flags = (words[word + SLOT_WORD.flags] as number) & FLAGS_MASK
    words[word + SLOT_WORD.flags] = flags | (pieceBytes << PIECE_SHIFT)
    words[word + SLOT_WORD.pieceEnd] = piece + pieceBytes
    // Beyond what makes pieces any longer, how many there were does not matter.
    words[word + SLOT_WORD.room] = (Math.min((room >>> 8) + pieceBytes, 0xffff) << 8) | (room & 0xff)
    return piece + PIECE_HEADER_BYTES
  }

  /** Room for something that is in one page. */
  #take(byteCount: number, alignment: 4 | 8): number {
    let address = ((this.#next + alignment - 1) & -alignment) >>> 0
    if (address + byteCount > this.#pageEnd) {
      const { bytes } = this.pages
      const isFirst = bytes.length === 0
      bytes.push(this.#newPage('bytes', Math.max(PAGE_BYTES, Math.ceil((byteCount + 8) / 8) * 8)))
      const start = ((bytes.length - 1) << PAGE_BITS) >>> 0
      address = start + (isFirst ? 8 : 0)
      this.#pageEnd = start + PAGE_BYTES
    }
    this.#next = address + byteCount
    return address
  }

  #newPage(part: 'slots' | 'bytes', byteCount: number): Page {
    const page = pageOf(new SharedArrayBuffer(byteCount))
    this.memoryBytes += byteCount
    this.#announce({ part, buffer: page.buffer })
    return page
  }

  #newTable(places: number): void {
    const old = this.pages.table
    const buffer = new SharedArrayBuffer(places * WORDS_PER_PLACE * Uint32Array.BYTES_PER_ELEMENT)
    const table = new Uint32Array(buffer)
    for (let word = 0; word < old.length; word += WORDS_PER_PLACE) {
      const number = old[word] as number
      if (number !== 0) enterSlot(table, number - 1, old[word + 1] as number)
    }
    this.memoryBytes += buffer.byteLength - this.#tableBytes
    this.#tableBytes = buffer.byteLength
    this.pages.table = table
    this.#announce({ part: 'table', buffer })
  }
}
