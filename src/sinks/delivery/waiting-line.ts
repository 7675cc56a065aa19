import type { SINK_DROP_REASONS } from '../../telemetry/own-metrics.ts'
import { type Parcel, ParcelQueue, pointsOf } from './queue.ts'
import type { Spool } from './spool/spool.ts'

export type DropReason = (typeof SINK_DROP_REASONS)[number]

/**
 * Parcels that wait for one sink, oldest first: in memory as many as fit, then on disk.
 *
 *   memory  ->  spool  ->  (tail)
 *   oldest                 newest
 *
 * What comes while anything is in the spool goes behind it, through the disk; once that has been delivered, memory is used again. The tail is in
 * memory, too, and empty but while the disk does not take what comes: then memory and tail together hold what fits, and the oldest
 * makes room.
 */
export class WaitingLine {
  #limit: number
  readonly #memory: ParcelQueue
  #spool: Spool | undefined
  #tail: Parcel[] = []
  #tailPoints = 0
  #heldIn: 'memory' | 'spool' | undefined
  readonly #onDropped: (points: number, reason: DropReason) => void

  constructor(limitPoints: number, onDropped: (points: number, reason: DropReason) => void) {
    this.#limit = limitPoints
    this.#memory = new ParcelQueue(limitPoints)
    this.#onDropped = onDropped
  }

  /** What waits, the held parcel included. */
  get points(): number {
    return this.#memory.points + (this.#spool?.points ?? 0) + this.#tailPoints
  }

  get spoolBytes(): number {
    return this.#spool?.bytes ?? 0
  }

  get spool(): Spool | undefined {
    return this.#spool
  }

  /** If it is lower than before, the oldest make room at the next push. */
  setLimit(limitPoints: number): void {
    this.#limit = limitPoints
    this.#memory.setLimit(limitPoints)
  }

  /** What is in the spool already is older than all that waits in memory. */
  attach(spool: Spool): void {
    this.#spool = spool
    if (spool.isEmpty) return
    this.#addToTail(this.#memory.takeAll())
    this.#settleTail()
  }

  push(parcel: Parcel): void {
    const spool = this.#spool
    const isInOrder = spool === undefined || (spool.isEmpty && this.#tail.length === 0)
    if (isInOrder && (spool === undefined || this.#memory.hasRoomFor(parcel))) {
      const evictedPoints = this.#memory.push(parcel)
      if (evictedPoints > 0) this.#onDropped(evictedPoints, 'queue_full')
      return
    }
    this.#addToTail([parcel])
    this.#settleTail()
  }

  /** The oldest parcel, which stays where it is until `release` or `remove`. */
  hold(): Parcel | undefined {
    if (this.#memory.isEmpty) {
      const parcel = this.#spool?.hold()
      if (parcel !== undefined) {
        this.#heldIn = 'spool'
        return parcel
      }
      // It cannot be read for now; what is behind it waits for it.
      if (this.#spool?.isEmpty === false) return undefined
      for (const waiting of this.#takeTail()) this.#memory.push(waiting)
    }
    const parcel = this.#memory.hold()
    this.#heldIn = parcel && 'memory'
    return parcel
  }

  /** The held parcel could not be delivered: it stays first in line, and may have to make room. */
  release(): void {
    if (this.#heldIn === 'spool') this.#spool?.release()
    else this.#memory.release()
    this.#heldIn = undefined
  }

  /** The held parcel is done with. */
  remove(): void {
    if (this.#heldIn === 'spool') this.#spool?.remove()
    else this.#memory.remove()
    this.#heldIn = undefined
  }

  /** For the end: what is in memory goes to disk, the held parcel included. Returns how many points are lost. */
  park(): number {
    const spool = this.#spool
    this.#heldIn = undefined
    const detached = spool?.takeDetached()
    const front = [...(detached === undefined ? [] : [detached]), ...this.#memory.takeAll()]
    const tail = this.#takeTail()
    if (spool === undefined) return totalOf([...front, ...tail])
    const taken = spool.putFront(front)
    const lost = [...front.slice(taken), ...tail.filter((parcel) => !spool.append(parcel))]
    spool.close()
    return totalOf(lost)
  }

  #addToTail(parcels: readonly Parcel[]): void {
    this.#tail.push(...parcels)
    this.#tailPoints += totalOf(parcels)
  }

  #takeTail(): readonly Parcel[] {
    const parcels = this.#tail
    this.#tail = []
    this.#tailPoints = 0
    return parcels
  }

  #shiftTail(): number {
    const parcel = this.#tail.shift()
    const points = parcel === undefined ? 0 : pointsOf(parcel)
    this.#tailPoints -= points
    return points
  }

  /** Writes the tail to disk, as far as that takes it. */
  #settleTail(): void {
    for (let parcel = this.#tail[0]; parcel !== undefined; parcel = this.#tail[0]) {
      if (this.#spool?.append(parcel) !== true) break
      this.#shiftTail()
    }
    while (this.#memory.points + this.#tailPoints > this.#limit || this.#tail.length > this.#limit) {
      const evicted = this.#memory.evictOldest() ?? (this.#tail.length > 1 ? this.#shiftTail() : undefined)
      if (evicted === undefined) break
      this.#onDropped(evicted, 'queue_full')
    }
  }
}

function totalOf(parcels: readonly Parcel[]): number {
  return parcels.reduce((sum, parcel) => sum + pointsOf(parcel), 0)
}
