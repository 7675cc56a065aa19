import type { Rollup } from '../../model/series-identity.ts'
import { SlotRollUp, type SlotGrid } from '../slot-roll-up.ts'

/** Takes the points of one series in the order of the log, which is not always the order of time. */
export interface PointReceiver {
  receive(timeMs: number, value: number): void
  /**
   * Takes those of `[start, end)`, which ascend in time. The columns are valid until it returns; with `keptStepMs` they stay as they are for good, and the times
   * are so far from each other, or with 0 not all alike.
   */
  receiveRun(
    timesMs: Float64Array,
    values: Float64Array,
    start: number,
    end: number,
    keptStepMs?: number,
  ): void
  /** What came before and lies in the range is gone. */
  forget(startMs: number, endMs: number): void
}

/**
 * Rolls points up as they come, in memory for slots alone. That works as long as each is newer than the one before;
 * once one is not, `isOutOfOrder` is set and the series has to be read again with a `SortingReceiver`.
 */
export class StreamingReceiver implements PointReceiver {
  isOutOfOrder = false
  pointCount = 0
  readonly #rollup: Rollup
  readonly #slots: SlotGrid
  readonly #memory: () => Float64Array
  #rolled: SlotRollUp | undefined
  /** Values that are all that came, one for each slot, and lie where they are kept: not to be copied. */
  #kept: Float64Array | undefined
  #oldestMs = Number.POSITIVE_INFINITY
  #newestMs = Number.NEGATIVE_INFINITY

  /** `memory`, once it is needed: as long as there are slots, and all NaN. */
  constructor(rollup: Rollup, slots: SlotGrid, memory: () => Float64Array) {
    this.#rollup = rollup
    this.#slots = slots
    this.#memory = memory
  }

  receive(timeMs: number, value: number): void {
    this.pointCount++
    if (timeMs <= this.#newestMs) {
      this.isOutOfOrder = true
      return
    }
    if (this.pointCount === 1) this.#oldestMs = timeMs
    this.#newestMs = timeMs
    this.#roll().add(timeMs, value)
  }

  receiveRun(
    timesMs: Float64Array,
    values: Float64Array,
    start: number,
    end: number,
    keptStepMs?: number,
  ): void {
    if (start >= end) return
    const firstMs = timesMs[start] ?? 0
    const isFirst = this.pointCount === 0
    this.pointCount += end - start
    if (firstMs <= this.#newestMs) {
      this.isOutOfOrder = true
      return
    }
    if (isFirst) this.#oldestMs = firstMs
    this.#newestMs = timesMs[end - 1] ?? firstMs
    const { startMs, stepMs, count } = this.#slots
    const isWhole = isFirst && keptStepMs === stepMs && end - start === count
    if (isWhole && firstMs >= startMs && firstMs < startMs + stepMs && this.#rolled === undefined)
      this.#kept = values.subarray(start, end)
    else this.#roll().addRun(timesMs, values, start, end, keptStepMs)
  }

  forget(startMs: number, endMs: number): void {
    if (this.pointCount === 0 || endMs <= this.#oldestMs || startMs > this.#newestMs) return
    if (this.isOutOfOrder || startMs > this.#oldestMs || endMs <= this.#newestMs) {
      this.isOutOfOrder = true
      return
    }
    // All of it is gone: begin again.
    this.pointCount = 0
    this.#newestMs = Number.NEGATIVE_INFINITY
    this.#kept = undefined
    const memory = this.#rolled?.values.fill(Number.NaN)
    this.#rolled = memory && new SlotRollUp(this.#rollup, this.#slots, memory)
  }

  /** Nobody is to change them. */
  finish(): Float64Array {
    return this.#kept ?? this.#roll().finish()
  }

  /** What came so far, to which more can be added. */
  #roll(): SlotRollUp {
    this.#rolled ??= new SlotRollUp(this.#rollup, this.#slots, this.#memory())
    if (this.#kept !== undefined) this.#rolled.begin(this.#kept)
    this.#kept = undefined
    return this.#rolled
  }
}

/** Gathers the points, whatever their order, and sorts them at the end; of two with one time the later counts. */
export class SortingReceiver implements PointReceiver {
  #times: number[] = []
  #values: number[] = []

  receive(timeMs: number, value: number): void {
    this.#times.push(timeMs)
    this.#values.push(value)
  }

  receiveRun(timesMs: Float64Array, values: Float64Array, start: number, end: number): void {
    for (let index = start; index < end; index++) this.receive(timesMs[index] ?? 0, values[index] ?? 0)
  }

  forget(startMs: number, endMs: number): void {
    const times = this.#times
    const isKept = (_: number, index: number): boolean => {
      const timeMs = times[index] ?? 0
      return timeMs < startMs || timeMs >= endMs
    }
    this.#values = this.#values.filter(isKept)
    this.#times = times.filter(isKept)
  }

  finish(rollup: Rollup, slots: SlotGrid): Float64Array {
    const rolled = new SlotRollUp(rollup, slots)
    for (const position of this.#inOrder())
      rolled.add(this.#times[position] ?? 0, this.#values[position] ?? 0)
    return rolled.finish()
  }

  points(): { readonly timesMs: Float64Array; readonly values: Float64Array } {
    const order = this.#inOrder()
    return {
      timesMs: Float64Array.from(order, (position) => this.#times[position] ?? 0),
      values: Float64Array.from(order, (position) => this.#values[position] ?? 0),
    }
  }

  /** Places of the points that count. */
  #inOrder(): Uint32Array {
    const times = this.#times
    const order = Uint32Array.from(times.keys())
    if (!isAscending(times)) order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
    return order.filter((position, index) => times[position] !== times[order[index + 1] ?? -1])
  }
}

function isAscending(times: readonly number[]): boolean {
  for (let index = 1; index < times.length; index++)
    if ((times[index - 1] as number) >= (times[index] as number)) return false
  return true
}
