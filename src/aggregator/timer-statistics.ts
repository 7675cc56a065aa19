import { at, layLine, readLine, type TimerLine } from './timer-line.ts'

/**
 * The statistics of a timer. Where every weight is 1 they are etsy's, to the last bit; a weight counts a value as that
 * many events, and a whole weight gives what the value repeated that often would give. timer-line.ts says how they are
 * found, docs/decisions/0003-weighted-timers.md has the definitions and the reasons.
 */
export interface TimerStatistics {
  readonly count: number
  readonly lower: number
  readonly upper: number
  readonly mean: number
  readonly median: number
  readonly std: number
  readonly sum: number
  readonly sumSquares: number
  /** In the order asked for; undefined where the percentile covers no event. */
  readonly percentiles: readonly (PercentileStatistics | undefined)[]
  /** How many events each bin has, in the order of the upper edges; those beyond the last edge are in none. */
  readonly bins: readonly number[]
}

export interface PercentileStatistics {
  readonly count: number
  readonly mean: number
  /** The highest value of a lower part, the lowest value of an upper part. */
  readonly boundary: number
  readonly sum: number
  readonly sumSquares: number
}

/** What sample rates weigh: everything, or, as in etsy's StatsD, nothing but `count` and `count_ps`. */
export type TimerWeighting = 'all' | 'count'

export interface TimerStatisticsOptions {
  /** 90: the lowest 90 %; -10: the highest 10 %. Decimals are allowed. */
  readonly percentiles: readonly number[]
  /** Of the histogram's bins: exclusive, ascending. */
  readonly upperEdges?: readonly number[]
  readonly weighting: TimerWeighting
}

/** Of at least one value. The arrays are equally long and not changed. */
export function computeTimerStatistics(
  values: Float64Array,
  weights: Float64Array,
  options: TimerStatisticsOptions,
): TimerStatistics {
  const line = layOut(values, weights, options.weighting)
  const last = values.length - 1
  const length = at(line.ranks, last)
  const sum = at(line.sums, last)
  const mean = sum / length
  const sumSquares = at(line.squares, last)
  const lower = at(line.values, 0)
  const upper = at(line.values, last)
  const { median, percentiles, bins } = readLine(line, { lower, upper, sum, sumSquares }, options)
  return {
    count: options.weighting === 'all' ? length : weights.reduce((total, weight) => total + weight, 0),
    lower,
    upper,
    mean,
    median,
    std: Math.sqrt(squaredDifferences(line, mean) / length),
    sum,
    sumSquares,
    percentiles,
    bins,
  }
}

function layOut(unsorted: Float64Array, unsortedWeights: Float64Array, weighting: TimerWeighting): TimerLine {
  const areOne = weighting === 'count' || unsortedWeights.every((weight) => weight === 1)
  if (areOne) return layLine(unsorted.slice().sort(), new Float64Array(unsorted.length).fill(1))
  const order = orderOf(unsorted, unsortedWeights)
  return layLine(pick(unsorted, order), pick(unsortedWeights, order))
}

/** By value, then by weight: the same whatever order the values came in. */
function orderOf(values: Float64Array, weights: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, index) => index)
  return order.sort((a, b) => at(values, a) - at(values, b) || at(weights, a) - at(weights, b))
}

function pick(numbers: Float64Array, order: Uint32Array): Float64Array {
  return Float64Array.from(order, (index) => at(numbers, index))
}

function squaredDifferences({ values, weights }: TimerLine, mean: number): number {
  let total = 0
  for (let i = 0; i < values.length; i++) {
    const difference = at(values, i) - mean
    total += at(weights, i) * (difference * difference)
  }
  return total
}
