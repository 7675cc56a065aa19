import type { PercentileStatistics, TimerStatistics, TimerStatisticsOptions } from './timer-statistics.ts'

/**
 * The values of a timer, sorted and laid end to end, each as wide as its weight. A rank is a place on that line:
 *
 *   values     10        20                  30
 *   weights    1         2                   1.5
 *   line    |--10--|-----20-----|-----20-----|-----30-----|-30--|
 *   rank    0      1            2            3            4    4.5
 *
 * `upper_90` is the value at rank n = round(90 % of the length), `sum_90` what lies on the line up to there; a
 * negative percentile reads from the right. Of a sketch the line has a value for each bucket.
 */
export interface TimerLine {
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

/** What is known of all values without the line. Where the line has each of them, it is what the line says. */
export type WholeLine = Pick<TimerStatistics, 'lower' | 'upper' | 'sum' | 'sumSquares'>

/** Of ascending values, at least one. The arrays are kept. */
export function layLine(values: Float64Array, weights: Float64Array): TimerLine {
  const count = values.length
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

/** The statistics that depend on the order of the values. */
export function readLine(
  line: TimerLine,
  whole: WholeLine,
  { percentiles, upperEdges = [] }: Pick<TimerStatisticsOptions, 'percentiles' | 'upperEdges'>,
): Pick<TimerStatistics, 'median' | 'percentiles' | 'bins'> {
  const length = at(line.ranks, line.ranks.length - 1)
  return {
    median: medianOf(line, length),
    percentiles: percentiles.map((percentile) => percentileOf(line, whole, percentile)),
    bins: binsOf(line, upperEdges),
  }
}

/** The value in the middle of the line; between two values, the mean of both. */
function medianOf({ values, ranks, tolerance }: TimerLine, length: number): number {
  const middle = length / 2
  const i = indexAtRank(ranks, middle - tolerance)
  const isBetween = Math.abs(at(ranks, i) - middle) <= tolerance && i + 1 < values.length
  return isBetween ? (at(values, i) + at(values, i + 1)) / 2 : at(values, i)
}

function percentileOf(
  line: TimerLine,
  whole: WholeLine,
  percentile: number,
): PercentileStatistics | undefined {
  const last = line.values.length - 1
  const length = at(line.ranks, last)
  const share = Math.abs(percentile) / 100
  // A single event is all of the line, whatever the percentile.
  const count = length === 1 ? 1 : Math.min(Math.round(share * length), length)
  if (count === 0) return undefined
  if (count === length) {
    const { sum, sumSquares } = whole
    return { count, mean: sum / count, boundary: percentile > 0 ? whole.upper : whole.lower, sum, sumSquares }
  }
  if (percentile > 0) {
    const { sum, sumSquares } = sumsUpTo(line, count)
    const boundary = at(line.values, indexAtRank(line.ranks, count - line.tolerance))
    return { count, mean: sum / count, boundary, sum, sumSquares }
  }
  const below = sumsUpTo(line, length - count)
  const sum = at(line.sums, last) - below.sum
  const sumSquares = at(line.squares, last) - below.sumSquares
  const boundary = at(line.values, indexAtRank(line.ranks, length - count + line.tolerance))
  return { count, mean: sum / count, boundary, sum, sumSquares }
}

/** What lies on the line from its beginning up to the rank; the value it cuts counts with the part before the cut. */
function sumsUpTo(line: TimerLine, rank: number): { sum: number; sumSquares: number } {
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
function binsOf({ values, weights }: TimerLine, upperEdges: readonly number[]): number[] {
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

/** An item that is there. */
export function at(numbers: ArrayLike<number>, index: number): number {
  const number = numbers[index]
  if (number === undefined) throw new Error(`BUG: no value ${index}`)
  return number
}
