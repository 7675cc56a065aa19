import type { TimerColumns } from '../../model/partial-aggregate.ts'

/**
 * The timer values of a shard, in the order they came: one row after the other, so that taking one in touches no memory
 * of its metric's own. What belongs together is found by whoever merges.
 */
export class TimerLog {
  ids = new Uint32Array(FIRST_ROWS)
  values = new Float64Array(FIRST_ROWS)
  weights = new Float64Array(FIRST_ROWS)
  rowCount = 0

  /** Whoever writes rows without `add` stops there. */
  get capacity(): number {
    return this.ids.length
  }

  add(id: number, value: number, weight: number): void {
    if (this.rowCount === this.capacity) this.#grow()
    this.ids[this.rowCount] = id
    this.values[this.rowCount] = value
    this.weights[this.rowCount] = weight
    this.rowCount++
  }

  /** A copy of the rows; the log is empty after that. */
  take(): TimerColumns {
    const columns = {
      ids: this.ids.slice(0, this.rowCount),
      values: this.values.slice(0, this.rowCount),
      weights: this.weights.slice(0, this.rowCount),
    }
    this.rowCount = 0
    // A burst's memory is not kept for good.
    if (this.capacity > USUAL_ROWS) this.#resize(USUAL_ROWS)
    return columns
  }

  #grow(): void {
    const { ids, values, weights } = this
    this.#resize(this.capacity * 2)
    this.ids.set(ids)
    this.values.set(values)
    this.weights.set(weights)
  }

  #resize(rows: number): void {
    this.ids = new Uint32Array(rows)
    this.values = new Float64Array(rows)
    this.weights = new Float64Array(rows)
  }
}

const FIRST_ROWS = 1 << 12
/** One packet more than what makes a shard hand over. */
const USUAL_ROWS = 1 << 18
