import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'

/** One batch on its way to one sink. */
export type Parcel =
  | { readonly kind: 'flush'; readonly batch: FlushBatch }
  | { readonly kind: 'points'; readonly batch: PointBatch }
  | { readonly kind: 'events'; readonly batch: readonly MetricEvent[] }

/** What a parcel counts for; an event counts as one point. */
export function pointsOf(parcel: Parcel): number {
  return parcel.kind === 'events' ? parcel.batch.length : parcel.batch.series.length
}

/**
 * Parcels that wait for one sink, oldest first.
 *
 * Neither points nor parcels exceed `limit`: the oldest make room. Two parcels are spared, so that something always
 * moves: the newest, however large it is, and the one that is held because it is being sent.
 */
export class ParcelQueue {
  #limit: number
  /** The queue is `#parcels[#start..]`; the front is cut off now and then, not at every removal. */
  #parcels: Parcel[] = []
  #start = 0
  #points = 0
  #isHolding = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** If it is lower than before, the oldest make room at the next push. */
  setLimit(limit: number): void {
    this.#limit = limit
  }

  /** Points that wait, those being sent included. */
  get points(): number {
    return this.#points
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Nothing would have to make room for it. The first one always has room. */
  hasRoomFor(parcel: Parcel): boolean {
    return this.isEmpty || (this.#points + pointsOf(parcel) <= this.#limit && this.#length < this.#limit)
  }

  /** Returns how many points had to make room. */
  push(parcel: Parcel): number {
    this.#parcels.push(parcel)
    this.#points += pointsOf(parcel)
    const pointsBefore = this.#points
    const spared = this.#isHolding ? 1 : 0
    while (this.#isOverLimit() && this.#length > spared + 1) this.#removeAt(spared)
    return pointsBefore - this.#points
  }

  /** The oldest parcel, which stays in the queue and is not evicted until `release` or `remove`. */
  hold(): Parcel | undefined {
    const parcel = this.#parcels[this.#start]
    this.#isHolding = parcel !== undefined
    return parcel
  }

  /** The held parcel could not be sent: it stays first in line, and may be evicted. */
  release(): void {
    this.#isHolding = false
  }

  /** The held parcel is done with. */
  remove(): void {
    if (!this.#isHolding) throw new Error('BUG: nothing is held')
    this.#isHolding = false
    this.#removeAt(0)
  }

  /** Removes the oldest parcel but for the held one; returns its points. undefined: there is none. */
  evictOldest(): number | undefined {
    const spared = this.#isHolding ? 1 : 0
    if (this.#length <= spared) return undefined
    const pointsBefore = this.#points
    this.#removeAt(spared)
    return pointsBefore - this.#points
  }

  /** Empties the queue, the held parcel included. */
  takeAll(): Parcel[] {
    const parcels = this.#parcels.slice(this.#start)
    this.#parcels = []
    this.#start = 0
    this.#points = 0
    this.#isHolding = false
    return parcels
  }

  get #length(): number {
    return this.#parcels.length - this.#start
  }

  #isOverLimit(): boolean {
    return this.#points > this.#limit || this.#length > this.#limit
  }

  /** `index` is 0, or 1 to pass over the held parcel, which then moves up one place. */
  #removeAt(index: 0 | 1): void {
    const removed = this.#parcels[this.#start + index]
    const first = this.#parcels[this.#start]
    if (removed === undefined || first === undefined)
      throw new Error('BUG: the queue is shorter than thought')
    if (index === 1) this.#parcels[this.#start + 1] = first
    this.#points -= pointsOf(removed)
    this.#start += 1
    if (this.#start > 64 && this.#start * 2 > this.#parcels.length) {
      this.#parcels = this.#parcels.slice(this.#start)
      this.#start = 0
    }
  }
}
