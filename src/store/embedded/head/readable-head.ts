import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { SeriesKey } from '../../../model/series-key.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { firstAtOrAfter } from '../first-at-or-after.ts'
import type { PointReceiver } from '../series-receivers.ts'
import { decodePoints } from './decode-points.ts'
import { entryOf, findSlot } from './find-slot.ts'
import { isDeleted, readDeletes, type HeadDelete } from './head-deletes.ts'
import { readEntry } from './head-entry.ts'
import {
  DOUBLES_PER_SLOT,
  SLOT_DOUBLE,
  SLOT_FLAG,
  SLOT_MASK,
  SLOT_WORD,
  WORDS_PER_SLOT,
  type HeadPages,
} from './head-pages.ts'
import { KeyBytes } from './key-bytes.ts'

/** What a series of a head holds at one moment, in the order it came in: columns of as many points, and the deletes among them. */
export interface HeadSeries {
  readonly points: number
  readonly timesMs: Float64Array
  readonly values: Float64Array
  readonly deletes: readonly HeadDelete[]
  /** Times ascend. */
  readonly isInOrder: boolean
}

const NO_DELETES: readonly HeadDelete[] = []

/** A head as a reader sees it, in whatever thread. What is being written to it meanwhile does not disturb. */
export class ReadableHead {
  readonly pages: HeadPages
  readonly #key = new KeyBytes()
  /** Of the series read last; longer than it has points. */
  #times = new Float64Array(128)
  #values = new Float64Array(128)

  constructor(pages: HeadPages) {
    this.pages = pages
  }

  get number(): number {
    return this.pages.number
  }

  /** -1: the head does not know this key. */
  find(key: SeriesKey): number {
    this.#key.set(key, this.pages.seed)
    return findSlot(this.pages, this.#key)
  }

  /** undefined: the slot has no series. */
  identityOf(slot: number): SeriesIdentity | undefined {
    const entry = entryOf(this.pages, slot)
    return entry === 0 ? undefined : readEntry(this.pages, entry)
  }

  /** What the slot holds. The columns are used again for the next one. */
  series(slot: number): HeadSeries {
    return this.#decode(slot, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  }

  /** How many points are published, whatever became of them since. */
  pointCount(slot: number): number {
    const place = (slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.points
    return Atomics.load(this.pages.slotPage(slot).words, place)
  }

  /** Times ascend, and nothing was deleted: the points that came in are those that are left. */
  isPlain(slot: number): boolean {
    const { words } = this.pages.slotPage(slot)
    const word = (slot & SLOT_MASK) * WORDS_PER_SLOT
    return (
      (Atomics.load(words, word + SLOT_WORD.flags) & SLOT_FLAG.outOfOrder) === 0 &&
      Atomics.load(words, word + SLOT_WORD.lastDelete) === 0
    )
  }

  /** The first points, as many as there is room for in columns that are not empty, and no more than there are. */
  decodeInto(slot: number, timesMs: Float64Array, values: Float64Array): void {
    const { words, doubles } = this.pages.slotPage(slot)
    const firstPiece = words[(slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.firstPiece] as number
    const firstTimeMs = doubles[(slot & SLOT_MASK) * DOUBLES_PER_SLOT + SLOT_DOUBLE.firstTime] as number
    decodePoints(this.pages, { points: values.length, firstPiece, firstTimeMs }, timesMs, values)
  }

  /** In the order they came in. */
  deletes(slot: number): readonly HeadDelete[] {
    const place = (slot & SLOT_MASK) * WORDS_PER_SLOT + SLOT_WORD.lastDelete
    const lastDelete = Atomics.load(this.pages.slotPage(slot).words, place)
    return lastDelete === 0 ? NO_DELETES : readDeletes(this.pages, lastDelete)
  }

  /** Times of the oldest and the newest point that is left; undefined: none is. */
  seen(slot: number): { readonly firstMs: number; readonly lastMs: number } | undefined {
    const { words, doubles } = this.pages.slotPage(slot)
    const word = (slot & SLOT_MASK) * WORDS_PER_SLOT
    const double = (slot & SLOT_MASK) * DOUBLES_PER_SLOT
    if (Atomics.load(words, word + SLOT_WORD.points) === 0) return undefined
    const isInOrder = (Atomics.load(words, word + SLOT_WORD.flags) & SLOT_FLAG.outOfOrder) === 0
    // Most are known by their ends, and none of their points need be decoded.
    if (isInOrder && Atomics.load(words, word + SLOT_WORD.lastDelete) === 0) {
      return {
        firstMs: doubles[double + SLOT_DOUBLE.firstTime] as number,
        lastMs: doubles[double + SLOT_DOUBLE.lastTime] as number,
      }
    }
    const { points, timesMs, deletes } = this.series(slot)
    let firstMs = Number.POSITIVE_INFINITY
    let lastMs = Number.NEGATIVE_INFINITY
    for (let point = 0; point < points; point++) {
      const timeMs = timesMs[point] as number
      if (isDeleted(deletes, point, timeMs)) continue
      if (timeMs < firstMs) firstMs = timeMs
      if (timeMs > lastMs) lastMs = timeMs
    }
    return firstMs > lastMs ? undefined : { firstMs, lastMs }
  }

  /** Hands what is in the range to the receiver, in the order it came in. Answers how many points had to be looked at. */
  read(slot: number, { startMs, endMs }: TimeRange, receiver: PointReceiver): number {
    const { points, timesMs, values, deletes, isInOrder } = this.#decode(slot, startMs, endMs)
    if (isInOrder && deletes.length === 0) {
      const start = firstAtOrAfter(timesMs, startMs, points)
      receiver.receiveRun(timesMs, values, start, firstAtOrAfter(timesMs, endMs, points))
      return points
    }
    let next = 0
    for (let point = 0; point < points; point++) {
      for (let gone = deletes[next]; gone?.pointsBefore === point; gone = deletes[++next])
        receiver.forget(gone.startMs, gone.endMs)
      const timeMs = timesMs[point] as number
      if (timeMs >= startMs && timeMs < endMs) receiver.receive(timeMs, values[point] as number)
    }
    for (const gone of deletes.slice(next)) receiver.forget(gone.startMs, gone.endMs)
    return points
  }

  /** No points, if none of them can be in the range. */
  #decode(slot: number, startMs: number, endMs: number): HeadSeries {
    const { words, doubles } = this.pages.slotPage(slot)
    const word = (slot & SLOT_MASK) * WORDS_PER_SLOT
    const double = (slot & SLOT_MASK) * DOUBLES_PER_SLOT
    const points = Atomics.load(words, word + SLOT_WORD.points)
    const deletes = this.deletes(slot)
    const isInOrder = (Atomics.load(words, word + SLOT_WORD.flags) & SLOT_FLAG.outOfOrder) === 0
    const firstTimeMs = doubles[double + SLOT_DOUBLE.firstTime] as number
    const isOutside =
      isInOrder && (firstTimeMs >= endMs || (doubles[double + SLOT_DOUBLE.lastTime] as number) < startMs)
    if (points === 0 || (isOutside && deletes.length === 0))
      return { points: 0, timesMs: this.#times, values: this.#values, deletes, isInOrder }
    if (points > this.#times.length) {
      this.#times = new Float64Array(points * 2)
      this.#values = new Float64Array(points * 2)
    }
    const firstPiece = words[word + SLOT_WORD.firstPiece] as number
    decodePoints(this.pages, { points, firstPiece, firstTimeMs }, this.#times, this.#values)
    return { points, timesMs: this.#times, values: this.#values, deletes, isInOrder }
  }
}
