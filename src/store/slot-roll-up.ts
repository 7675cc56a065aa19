import type { Rollup } from '../model/series-identity.ts'

/**
 * Rolls the points of one series up into equal slots. Points come in ascending order of time, one per time.
 * The first point of a slot is taken as it is, so that -0 stays -0. One that is NaN, as the deviation of values too
 * large to be squared, is no value.
 */
export class SlotRollUp {
  /** One value per slot; NaN: none. */
  readonly values: Float64Array
  readonly #rollup: Rollup
  readonly #startMs: number
  readonly #stepMs: number
  /** Points per slot; only a mean needs them. */
  readonly #counts: Uint32Array | undefined
  /** A slot has more than one point. */
  #hasShared = false

  constructor(rollup: Rollup, slots: SlotGrid) {
    this.#rollup = rollup
    this.#startMs = slots.startMs
    this.#stepMs = slots.stepMs
    this.values = new Float64Array(slots.count).fill(Number.NaN)
    this.#counts = rollup === 'mean' ? new Uint32Array(slots.count) : undefined
  }

  add(timeMs: number, value: number): void {
    this.#addAt(Math.floor((timeMs - this.#startMs) / this.#stepMs), value)
  }

  /** Those of `[start, end)`. */
  addRun(timesMs: Float64Array, values: Float64Array, start: number, end: number): void {
    const stepMs = this.#stepMs
    let slot = -1
    // When the slot of the point before is over. Most points are in the one behind it, which needs no division.
    let slotEndMs = Number.NEGATIVE_INFINITY
    for (let index = start; index < end; index++) {
      const timeMs = timesMs[index] ?? 0
      if (timeMs >= slotEndMs) {
        if (timeMs < slotEndMs + stepMs) slot++
        else slot = Math.floor((timeMs - this.#startMs) / stepMs)
        slotEndMs = this.#startMs + (slot + 1) * stepMs
      }
      this.#addAt(slot, values[index] ?? 0)
    }
  }

  /** The values, means divided out. Call once, at the end. */
  finish(): Float64Array {
    const counts = this.#counts
    if (counts !== undefined && this.#hasShared) {
      for (let slot = 0; slot < counts.length; slot++) {
        const count = counts[slot] ?? 0
        if (count > 1) this.values[slot] = (this.values[slot] ?? 0) / count
      }
    }
    return this.values
  }

  #addAt(slot: number, value: number): void {
    const held = this.values[slot]
    if (held === undefined || Number.isNaN(value)) return
    if (this.#counts !== undefined) this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    if (Number.isNaN(held)) {
      this.values[slot] = value
      return
    }
    this.#hasShared = true
    this.values[slot] = merge(this.#rollup, held, value)
  }
}

export interface SlotGrid {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

function merge(rollup: Rollup, held: number, value: number): number {
  switch (rollup) {
    case 'sum':
    case 'mean':
      return held + value
    case 'min':
      return Math.min(held, value)
    case 'max':
      return Math.max(held, value)
    case 'last':
      return value
  }
}
