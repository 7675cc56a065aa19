import type { Chunk } from './codec/chunk-group.ts'
import { inOrder } from './block/in-order.ts'
import { grow } from '../../lib/grow.ts'
import type { PointReceiver } from './series-receivers.ts'

/** Takes the points of one series in the order of the log, whatever their times, and puts them in order at the end. */
export class GatheringReceiver implements PointReceiver {
  #times: Float64Array
  #values: Float64Array
  #count = 0

  constructor(expectedPoints = 64) {
    this.#times = new Float64Array(expectedPoints)
    this.#values = new Float64Array(expectedPoints)
  }

  get pointCount(): number {
    return this.#count
  }

  receive(timeMs: number, value: number): void {
    this.#reserve(1)
    this.#times[this.#count] = timeMs
    this.#values[this.#count++] = value
  }

  receiveRun(timesMs: Float64Array, values: Float64Array, start: number, end: number): void {
    if (start >= end) return
    this.#reserve(end - start)
    this.#times.set(timesMs.subarray(start, end), this.#count)
    this.#values.set(values.subarray(start, end), this.#count)
    this.#count += end - start
  }

  forget(startMs: number, endMs: number): void {
    let kept = 0
    for (let index = 0; index < this.#count; index++) {
      const timeMs = this.#times[index] ?? 0
      if (timeMs >= startMs && timeMs < endMs) continue
      this.#times[kept] = timeMs
      this.#values[kept++] = this.#values[index] ?? 0
    }
    this.#count = kept
  }

  /** Ascending in time, one per time: the one that came last. */
  finish(): Chunk {
    return inOrder({
      timesMs: this.#times.subarray(0, this.#count),
      values: this.#values.subarray(0, this.#count),
    })
  }

  #reserve(more: number): void {
    const needed = this.#count + more
    if (needed <= this.#times.length) return
    const capacity = Math.max(needed, this.#times.length * 2)
    this.#times = grow(this.#times, new Float64Array(capacity))
    this.#values = grow(this.#values, new Float64Array(capacity))
  }
}
