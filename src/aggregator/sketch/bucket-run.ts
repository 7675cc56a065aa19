import { MOST_BUCKETS } from '../../model/timer-sketch.ts'

/** The weights of buckets side by side: those of a sketch's positive values, or those of its negative ones. */
export class BucketRun {
  /** Bucket `first + i` has `weights[i]`. Whoever adds to it stays within. */
  weights: Float64Array<ArrayBuffer> = new Float64Array(0)
  first = 0

  /** Makes room for the buckets from `low` to `high`; false if they and those in use are too far apart. */
  cover(low: number, high: number): boolean {
    if (low >= this.first && high < this.first + this.weights.length) return true
    const used = this.used()
    const lowest = used === undefined ? low : Math.min(low, used.low)
    const highest = used === undefined ? high : Math.max(high, used.high)
    const span = highest - lowest + 1
    if (span > MOST_BUCKETS) return false
    let capacity = FIRST_BUCKETS
    while (capacity < span * SLACK && capacity < MOST_BUCKETS) capacity *= 2
    const first = lowest - ((capacity - span) >> 1)
    const weights = new Float64Array(capacity)
    if (used !== undefined) {
      weights.set(this.weights.subarray(used.low - this.first, used.high - this.first + 1), used.low - first)
    }
    this.weights = weights
    this.first = first
    return true
  }

  /** Goes to the next lower scale: two buckets become one. */
  collapse(): void {
    const { weights, first } = this
    this.first = first >> 1
    for (const [i, weight] of weights.entries()) {
      // Never a place that is still to be read.
      const target = ((first + i) >> 1) - this.first
      weights[i] = 0
      weights[target] = (weights[target] ?? 0) + weight
    }
  }

  /** The lowest and the highest bucket that has something; undefined if none has. */
  used(): { readonly low: number; readonly high: number } | undefined {
    const low = this.weights.findIndex((weight) => weight !== 0)
    if (low < 0) return undefined
    return { low: this.first + low, high: this.first + this.weights.findLastIndex((weight) => weight !== 0) }
  }
}

/** Two octaves at scale 5. */
const FIRST_BUCKETS = 64
/** So much more room than is needed is made. */
const SLACK = 1.5
