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

  constructor(rollup: Rollup, slots: SlotGrid) {
    this.#rollup = rollup
    this.#startMs = slots.startMs
    this.#stepMs = slots.stepMs
    this.values = new Float64Array(slots.count).fill(Number.NaN)
    this.#counts = rollup === 'mean' ? new Uint32Array(slots.count) : undefined
  }

  add(timeMs: number, value: number): void {
    const slot = Math.floor((timeMs - this.#startMs) / this.#stepMs)
    const held = this.values[slot]
    if (held === undefined || Number.isNaN(value)) return
    if (this.#counts !== undefined) this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.values[slot] = Number.isNaN(held) ? value : merge(this.#rollup, held, value)
  }

  /** The values, means divided out. Call once, at the end. */
  finish(): Float64Array {
    this.#counts?.forEach((count, slot) => {
      if (count > 1) this.values[slot] = (this.values[slot] ?? 0) / count
    })
    return this.values
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
