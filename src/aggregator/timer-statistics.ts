/**
 * The statistics of a timer. Where every weight is 1 they are etsy's, to the last bit; a weight counts a value as that
 * many events, and a whole weight gives what the value repeated that often would give.
 *
 * The values are sorted and laid end to end, each as wide as its weight. A rank is a place on that line:
 *
 *   values     10        20                  30
 *   weights    1         2                   1.5
 *   line    |--10--|-----20-----|-----20-----|-----30-----|-30--|
 *   rank    0      1            2            3            4    4.5
 *
 * `upper_90` is the value at rank n = round(90 % of the length), `sum_90` what lies on the line up to there; a
 * negative percentile reads from the right. docs/decisions/0003-weighted-timers.md has the definitions and the reasons.
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
  return {
    count: options.weighting === 'all' ? length : weights.reduce((total, weight) => total + weight, 0),
    lower: at(line.values, 0),
    upper: at(line.values, last),
    mean,
    median: medianOf(line, length),
    std: Math.sqrt(squaredDifferences(line, mean) / length),
    sum,
    sumSquares: at(line.squares, last),
    percentiles: options.percentiles.map((percentile) => percentileOf(line, length, percentile)),
    bins: binsOf(line, options.upperEdges ?? []),
  }
}

interface Line {
  /** Ascending. */
  readonly values: Float64Array
  readonly weights: Float64Array
  /** `ranks[i]`: where value i ends on the line. */
  readonly ranks: Float64Array
  /** `sums[i]`, `squares[i]`: of everything up to there. */
  readonly sums: Float64Array
  readonly squares: Float64Array
  /** Two ranks closer than this are one. Fractional weights do not add up exactly. */
  readonly tolerance: number
}

function layOut(unsorted: Float64Array, unsortedWeights: Float64Array, weighting: TimerWeighting): Line {
  const areOne = weighting === 'count' || unsortedWeights.every((weight) => weight === 1)
  const order = areOne ? undefined : orderOf(unsorted, unsortedWeights)
  const count = unsorted.length
  const values = order === undefined ? unsorted.slice().sort() : pick(unsorted, order)
  const weights = order === undefined ? new Float64Array(count).fill(1) : pick(unsortedWeights, order)
  const ranks = new Float64Array(count)
  const sums = new Float64Array(count)
  const squares = new Float64Array(count)
  let rank = 0
  let sum = 0
  let square = 0
  for (let i = 0; i < count; i++) {
    const value = at(values, i)
    const weight = at(weights, i)
    rank += weight
    // The first is not added to 0, which would turn -0 into 0.
    sum = i === 0 ? weight * value : sum + weight * value
    square += weight * (value * value)
    ranks[i] = rank
    sums[i] = sum
    squares[i] = square
  }
  return { values, weights, ranks, sums, squares, tolerance: rank * 1e-12 }
}

/** By value, then by weight: the same whatever order the values came in. */
function orderOf(values: Float64Array, weights: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, index) => index)
  return order.sort((a, b) => at(values, a) - at(values, b) || at(weights, a) - at(weights, b))
}

function pick(numbers: Float64Array, order: Uint32Array): Float64Array {
  return Float64Array.from(order, (index) => at(numbers, index))
}

/** The value in the middle of the line; between two values, the mean of both. */
function medianOf({ values, ranks, tolerance }: Line, length: number): number {
  const middle = length / 2
  const i = indexAtRank(ranks, middle - tolerance)
  const isBetween = Math.abs(at(ranks, i) - middle) <= tolerance && i + 1 < values.length
  return isBetween ? (at(values, i) + at(values, i + 1)) / 2 : at(values, i)
}

function squaredDifferences({ values, weights }: Line, mean: number): number {
  let total = 0
  for (let i = 0; i < values.length; i++) {
    const difference = at(values, i) - mean
    total += at(weights, i) * (difference * difference)
  }
  return total
}

function percentileOf(line: Line, length: number, percentile: number): PercentileStatistics | undefined {
  const share = Math.abs(percentile) / 100
  // A single event is all of the line, whatever the percentile.
  const count = length === 1 ? 1 : Math.min(Math.round(share * length), length)
  if (count === 0) return undefined
  if (percentile > 0) {
    const { sum, sumSquares } = sumsUpTo(line, count)
    const boundary = at(line.values, indexAtRank(line.ranks, count - line.tolerance))
    return { count, mean: sum / count, boundary, sum, sumSquares }
  }
  const last = line.values.length - 1
  const below = sumsUpTo(line, length - count)
  const sum = at(line.sums, last) - below.sum
  const sumSquares = at(line.squares, last) - below.sumSquares
  const boundary = at(line.values, indexAtRank(line.ranks, length - count + line.tolerance))
  return { count, mean: sum / count, boundary, sum, sumSquares }
}

/** What lies on the line from its beginning up to the rank; the value it cuts counts with the part before the cut. */
function sumsUpTo(line: Line, rank: number): { sum: number; sumSquares: number } {
  if (rank <= line.tolerance) return { sum: 0, sumSquares: 0 }
  const i = indexAtRank(line.ranks, rank - line.tolerance)
  if (Math.abs(at(line.ranks, i) - rank) <= line.tolerance) {
    return { sum: at(line.sums, i), sumSquares: at(line.squares, i) }
  }
  const value = at(line.values, i)
  const isFirst = i === 0
  const part = isFirst ? rank : rank - at(line.ranks, i - 1)
  return {
    sum: (isFirst ? 0 : at(line.sums, i - 1)) + part * value,
    sumSquares: (isFirst ? 0 : at(line.squares, i - 1)) + part * (value * value),
  }
}

/** One pass over the values, which are sorted, whatever the number of bins. */
function binsOf({ values, weights }: Line, upperEdges: readonly number[]): number[] {
  let i = 0
  return upperEdges.map((upperEdge) => {
    let count = 0
    for (; i < values.length && at(values, i) < upperEdge; i++) count += at(weights, i)
    return count
  })
}

/** The first value that ends at the rank or after it; the last value if none does. By halving. */
function indexAtRank(ranks: Float64Array, rank: number): number {
  let low = 0
  let high = ranks.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(ranks, middle) >= rank) high = middle
    else low = middle + 1
  }
  return low
}

function at(numbers: ArrayLike<number>, index: number): number {
  const number = numbers[index]
  if (number === undefined) throw new Error(`BUG: no value ${index}`)
  return number
}
