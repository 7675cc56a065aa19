import type { TimerColumns } from '../../model/partial-aggregate.ts'
import { grow } from '../../lib/grow.ts'

/**
 * The timer values of a shard, in the order they came: one row after the other, so that taking one in touches no memory
 * of its metric's own. What belongs together is found by whoever merges.
 */
export class TimerLog {
  ids = new Uint32Array(FIRST_ROWS)
  values = new Float64Array(FIRST_ROWS)
  weights = new Float64Array(FIRST_ROWS)
  rowCount = 0
  /** Some weight is another than 1. */
  #hasWeights = false

  add(id: number, value: number, weight: number): void {
    if (this.rowCount === this.ids.length) this.#grow()
    this.ids[this.rowCount] = id
    this.values[this.rowCount] = value
    if (weight !== 1 && !this.#hasWeights) this.#beginWeights()
    if (this.#hasWeights) this.weights[this.rowCount] = weight
    this.rowCount++
  }

  /** A copy of the rows; the log is empty after that. */
  take(): TimerColumns {
    const columns = {
      ids: this.ids.slice(0, this.rowCount),
      values: this.values.slice(0, this.rowCount),
      weights: this.#hasWeights ? this.weights.slice(0, this.rowCount) : new Float64Array(0),
    }
    this.rowCount = 0
    this.#hasWeights = false
    // A burst's memory is not kept for good.
    if (this.ids.length > USUAL_ROWS) {
      this.ids = new Uint32Array(USUAL_ROWS)
      this.values = new Float64Array(USUAL_ROWS)
      this.weights = new Float64Array(USUAL_ROWS)
    }
    return columns
  }

  /** The rows so far have the weight 1, which nobody has written down. */
  #beginWeights(): void {
    this.#hasWeights = true
    this.weights.fill(1, 0, this.rowCount)
  }

  #grow(): void {
    const rows = this.ids.length * 2
    this.ids = grow(this.ids, new Uint32Array(rows))
    this.values = grow(this.values, new Float64Array(rows))
    this.weights = grow(this.weights, new Float64Array(rows))
  }
}

const FIRST_ROWS = 1 << 12
/** One packet more than what makes a shard hand over. */
const USUAL_ROWS = 1 << 18
