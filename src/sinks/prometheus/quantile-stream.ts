import type { SummaryOptions } from './mapping.ts'

/**
 * Quantiles of values that are not kept. Each quantile asked for is a value whose rank is wrong by no more than its error says, as
 * of the "targeted quantiles" by Cormode, Korn, Muthukrishnan and Srivastava; here values have weights.
 *
 * What is kept is a sorted list of samples. A sample stands for `width` values: the last of them, and `exact` in all, are equal
 * to it; the others lie between it and the sample before. Its last value's rank is the sum of the widths so far, and up to `delta` more.
 */
export class QuantileStream {
  readonly #targets: QuantileTargets
  #samples = new Float64Array(0)
  #size = 0
  #count = 0

  constructor(targets: QuantileTargets) {
    this.#targets = targets
  }

  /** How many samples are kept. */
  get size(): number {
    return this.#size
  }

  /** `values` ascend; `weights[i]` is how many times `values[i]` came, a whole number. */
  insert(values: Float64Array, weights: Float64Array): void {
    for (const weight of weights) this.#count += weight
    const merged = new Float64Array((this.#size + values.length) * COLUMNS)
    let size = compress(merged, this.#merge(merged, values, weights), (from, to) =>
      this.#targets.allowance(from, to, this.#count),
    )
    for (let slack = this.#count / MOST_SAMPLES; size > MOST_SAMPLES; slack *= 2)
      size = compress(merged, size, (from, to) =>
        Math.max(slack, this.#targets.allowance(from, to, this.#count)),
      )
    const needed = size * COLUMNS
    const isOdd = this.#samples.length < needed || this.#samples.length > 4 * needed
    if (isOdd) this.#samples = new Float64Array(Math.ceil(size * 1.25) * COLUMNS)
    this.#samples.set(merged.subarray(0, needed))
    this.#size = size
  }

  /** NaN if there are no values. */
  quantile(quantile: number): number {
    const wanted = Math.max(1, Math.ceil(quantile * this.#count))
    let best = Number.NaN
    let bestError = Number.POSITIVE_INFINITY
    let rank = 0
    for (let at = 0; at < this.#size * COLUMNS; at += COLUMNS) {
      rank += this.#samples[at + WIDTH] ?? 0
      const highestFirst = rank - (this.#samples[at + EXACT] ?? 0) + 1 + (this.#samples[at + DELTA] ?? 0)
      const error = Math.max(0, highestFirst - wanted, wanted - rank)
      if (error < bestError) {
        bestError = error
        best = this.#samples[at] ?? Number.NaN
      }
    }
    return best
  }

  /** Says how many samples it put into `merged`. */
  #merge(merged: Float64Array, values: Float64Array, weights: Float64Array): number {
    const samples = this.#samples
    const end = this.#size * COLUMNS
    let from = 0
    let to = 0
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0
      const weight = weights[index] ?? 1
      while (from < end && (samples[from] ?? 0) < value) {
        copySample(merged, to, samples, from)
        from += COLUMNS
        to += COLUMNS
      }
      if (from < end && samples[from] === value) addWeight(samples, from, weight)
      else if (to > 0 && merged[to - COLUMNS] === value) addWeight(merged, to - COLUMNS, weight)
      else {
        // Below the lowest and above the highest, which are known, nothing is uncertain.
        const isOutside = from === 0 || from >= end
        merged[to] = value
        merged[to + WIDTH] = weight
        merged[to + EXACT] = weight
        // It may lie before or behind each of the values that the next sample stands for.
        merged[to + DELTA] = isOutside ? 0 : uncertaintyOf(samples, from)
        to += COLUMNS
      }
    }
    merged.set(samples.subarray(from, end), to)
    return (to + end - from) / COLUMNS
  }
}

/** Sample i is `samples[i * COLUMNS ..]`: its value, and then these. */
const WIDTH = 1
const EXACT = 2
const DELTA = 3
const COLUMNS = 4

/** With more, errors are larger than asked for: nobody's memory is without a bound. */
const MOST_SAMPLES = 2_000

/** How far a rank may be wrong, and which quantiles are asked for. */
export class QuantileTargets {
  readonly #targets: SummaryOptions['quantiles']

  constructor(targets: SummaryOptions['quantiles']) {
    this.#targets = targets
  }

  /** So many ranks may be uncertain for a sample that reaches from rank `from` to `to`, of `count`. */
  allowance(from: number, to: number, count: number): number {
    let least = count
    for (const { quantile, error } of this.#targets) {
      const target = quantile * count
      const isBelow = to < target || to === 0
      const isAbove = from > target
      const share = isBelow ? (count - to) / (1 - quantile) : isAbove ? from / quantile : count
      const allowed = 2 * error * share
      // Not so for NaN: of the quantiles 0 and 1, ranks on the far side matter to nothing.
      if (allowed < least) least = allowed
    }
    return least
  }
}

function copySample(target: Float64Array, to: number, samples: Float64Array, from: number): void {
  target[to] = samples[from] ?? 0
  target[to + WIDTH] = samples[from + WIDTH] ?? 0
  target[to + EXACT] = samples[from + EXACT] ?? 0
  target[to + DELTA] = samples[from + DELTA] ?? 0
}

function addWeight(samples: Float64Array, at: number, weight: number): void {
  samples[at + WIDTH] = (samples[at + WIDTH] ?? 0) + weight
  samples[at + EXACT] = (samples[at + EXACT] ?? 0) + weight
}

function uncertaintyOf(samples: Float64Array, at: number): number {
  return (samples[at + WIDTH] ?? 0) - (samples[at + EXACT] ?? 0) + (samples[at + DELTA] ?? 0)
}

/**
 * Lets a sample stand for the one before as well, wherever the allowance has room for that. In place; says how many are left. The
 * first stays as it is: it is the lowest value.
 */
function compress(
  samples: Float64Array,
  size: number,
  allowance: (from: number, to: number) => number,
): number {
  let rank = samples[WIDTH] ?? 0
  let to = COLUMNS
  for (let from = 2 * COLUMNS; from < size * COLUMNS; from += COLUMNS) {
    const width = samples[to + WIDTH] ?? 0
    const uncertainty = width + uncertaintyOf(samples, from)
    const reach = rank + width + (samples[from + WIDTH] ?? 0) + (samples[from + DELTA] ?? 0)
    if (uncertainty <= allowance(rank, reach)) {
      samples[from + WIDTH] = (samples[from + WIDTH] ?? 0) + width
    } else {
      rank += width
      to += COLUMNS
    }
    if (to !== from) copySample(samples, to, samples, from)
  }
  return Math.min(size, to / COLUMNS + 1)
}
