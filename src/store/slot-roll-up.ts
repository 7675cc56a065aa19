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
  /** Points per slot beyond the first, once a slot has any; only a mean needs them. */
  #furtherCounts: Uint32Array | undefined
  /** Slots before this one may have a value. */
  #usedSlots = 0

  /** `memory`: as long as there are slots, and all NaN. */
  constructor(
    rollup: Rollup,
    slots: SlotGrid,
    memory: Float64Array = new Float64Array(slots.count).fill(Number.NaN),
  ) {
    this.#rollup = rollup
    this.#startMs = slots.startMs
    this.#stepMs = slots.stepMs
    this.values = memory
  }

  add(timeMs: number, value: number): void {
    this.#addAt(this.#slotOf(timeMs), value)
  }

  /** The first point of each slot, before anything else: as many as there are slots. */
  begin(values: Float64Array): void {
    this.values.set(values)
    this.#usedSlots = values.length
  }

  /** Those of `[start, end)`. `knownStepMs`: so far from each other, as is known already. */
  addRun(
    timesMs: Float64Array,
    values: Float64Array,
    start: number,
    end: number,
    knownStepMs?: number,
  ): void {
    const first = this.#slotOf(timesMs[start] ?? 0)
    const isFree = first >= this.#usedSlots && first + end - start <= this.values.length
    // A slot for each: nothing to roll up.
    const isKnown = knownStepMs === this.#stepMs
    if (isFree && (isKnown || isRegular(timesMs, { start, end, stepMs: this.#stepMs }))) {
      this.values.set(values.subarray(start, end), first)
      this.#usedSlots = first + end - start
      return
    }
    for (let index = start; index < end; index++)
      this.#addAt(this.#slotOf(timesMs[index] ?? 0), values[index] ?? 0)
  }

  /** The values, means divided out. Call once, at the end. */
  finish(): Float64Array {
    this.#furtherCounts?.forEach((count, slot) => {
      if (count > 0) this.values[slot] = (this.values[slot] ?? 0) / (count + 1)
    })
    return this.values
  }

  #slotOf(timeMs: number): number {
    return Math.floor((timeMs - this.#startMs) / this.#stepMs)
  }

  #addAt(slot: number, value: number): void {
    const held = this.values[slot]
    if (held === undefined || Number.isNaN(value)) return
    if (slot >= this.#usedSlots) this.#usedSlots = slot + 1
    if (Number.isNaN(held)) {
      this.values[slot] = value
      return
    }
    this.values[slot] = merge(this.#rollup, held, value)
    if (this.#rollup !== 'mean') return
    const counts = (this.#furtherCounts ??= new Uint32Array(this.values.length))
    counts[slot] = (counts[slot] ?? 0) + 1
  }
}

export interface SlotGrid {
  readonly startMs: number
  readonly stepMs: number
  readonly count: number
}

interface Run {
  readonly start: number
  readonly end: number
  readonly stepMs: number
}

function isRegular(timesMs: Float64Array, { start, end, stepMs }: Run): boolean {
  let expectedMs = timesMs[start] ?? 0
  for (let index = start; index < end; index++) {
    if (timesMs[index] !== expectedMs) return false
    expectedMs += stepMs
  }
  return true
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
