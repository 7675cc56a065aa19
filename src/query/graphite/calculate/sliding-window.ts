import type { Aggregation } from '../aggregation-name.ts'
import { aggregateValues, medianOfSorted } from './aggregate-values.ts'

/**
 * The aggregate of each run of `length` values: `values.length - length + 1` of them. Nulls are passed over, in every
 * aggregation; a run of which the share of values is below the xFilesFactor, or that has none, is null. `total` is what the share
 * is taken of.
 *
 * Sums and their like are put together from both sides of a border that lies every `length` values:
 *
 *   values   . . . .|. . . .|. . . .
 *   run          [- -|- -]              what is left of the border + what is right of it
 *
 * so that each value is added twice, whatever the length, and nothing is ever subtracted: a huge value leaves no trace
 * when it has left the window. See bench/query.ts.
 */
export function slideWindow(
  values: Float64Array,
  length: number,
  aggregation: Aggregation,
  { xFilesFactor, total = length }: { xFilesFactor: number; total?: number },
): Float64Array {
  const runCount = Math.max(0, values.length - length + 1)
  if (length === 0 || runCount === 0) return new Float64Array(runCount).fill(Number.NaN)
  if (aggregation === 'sum' || aggregation === 'average' || aggregation === 'avg_zero') {
    return slideSum(values, length, { runCount, isAverage: aggregation !== 'sum', xFilesFactor, total })
  }
  const counts = slideCounts(values, length, runCount)
  const slid = slide(values, length, { aggregation, counts, runCount })
  for (let run = 0; run < runCount; run++) {
    const count = counts[run] as number
    if (count === 0 || count / total < xFilesFactor) slid[run] = Number.NaN
  }
  return slid
}

/** How many steps it takes, in points. */
export function slidingCost(pointCount: number, length: number, aggregation: Aggregation): number {
  if (aggregation === 'stddev') return pointCount * length
  return aggregation === 'median' ? pointCount * (8 + length / 16) : pointCount * 2
}

interface Sliding {
  readonly aggregation: Aggregation
  readonly counts: Float64Array
  readonly runCount: number
}

function slide(values: Float64Array, length: number, sliding: Sliding): Float64Array {
  const { aggregation, counts, runCount } = sliding
  switch (aggregation) {
    case 'sum':
    case 'average':
    case 'avg_zero':
      throw new Error('BUG: sums have a way of their own')
    case 'min':
      return slideFold(values, length, runCount, Number.POSITIVE_INFINITY, (a, b) => (b < a ? b : a))
    case 'max':
      return slideFold(values, length, runCount, Number.NEGATIVE_INFINITY, (a, b) => (b > a ? b : a))
    case 'range': {
      const most = slide(values, length, { ...sliding, aggregation: 'max' })
      const least = slide(values, length, { ...sliding, aggregation: 'min' })
      return most.map((value, run) => value - (least[run] as number))
    }
    case 'multiply':
      return slideFold(values, length, runCount, 1, (a, b) => a * b)
    case 'diff': {
      const sums = slideSum(values, length, { runCount, isAverage: false, xFilesFactor: 0, total: 1 })
      const firsts = slideFirst(values, runCount)
      return sums.map((sum, run) => (firsts[run] as number) - (sum - (firsts[run] as number)))
    }
    case 'last':
      return slideLast(values, length, runCount)
    case 'count':
      return counts.slice()
    case 'median':
      return slideMedian(values, length, runCount)
    case 'stddev': {
      const slid = new Float64Array(runCount)
      for (let run = 0; run < runCount; run++) {
        slid[run] = aggregateValues(values.subarray(run, run + length), aggregation)
      }
      return slid
    }
  }
}

function slideCounts(values: Float64Array, length: number, runCount: number): Float64Array {
  const counts = new Float64Array(runCount)
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (value === value) count++
    const run = index - length + 1
    if (run < 0) continue
    counts[run] = count
    const leaving = values[run] as number
    if (leaving === leaving) count--
  }
  return counts
}

interface SlidingSum {
  readonly runCount: number
  readonly isAverage: boolean
  readonly xFilesFactor: number
  readonly total: number
}

/** Sums and counts in one go, and what becomes of them: the aggregations that are used most. */
function slideSum(
  values: Float64Array,
  length: number,
  { runCount, isAverage, xFilesFactor, total }: SlidingSum,
): Float64Array {
  const sums = new Float64Array(runCount)
  const counts = new Float64Array(runCount)
  const least = leastCount(xFilesFactor, total)
  for (let border = length; border - length < runCount; border += length) {
    let left = 0
    let leftCount = 0
    for (let run = Math.min(border, values.length) - 1; run >= border - length; run--) {
      const value = values[run] as number
      if (value === value) {
        left += value
        leftCount++
      }
      if (run < runCount) {
        sums[run] = left
        counts[run] = leftCount
      }
    }
    let right = 0
    let rightCount = 0
    const end = Math.min(border, runCount)
    for (let run = border - length; run < end; run++) {
      if (run > border - length) {
        const value = values[run + length - 1] as number
        if (value === value) {
          right += value
          rightCount++
        }
      }
      const count = (counts[run] as number) + rightCount
      const sum = (sums[run] as number) + right
      sums[run] = count < least ? Number.NaN : isAverage ? sum / count : sum
    }
  }
  return sums
}

/** The least number of values, of `total`, whose share is not below the xFilesFactor; one at least. */
function leastCount(xFilesFactor: number, total: number): number {
  if (xFilesFactor > 1) return Number.POSITIVE_INFINITY
  let count = Math.max(1, Math.floor(xFilesFactor * total) - 1)
  // Counts whose share is just the xFilesFactor are enough, whatever rounding makes of the product.
  while (count / total < xFilesFactor) count++
  return count
}

/** As slideSum does it, for anything that may be put together from parts. */
function slideFold(
  values: Float64Array,
  length: number,
  runCount: number,
  neutral: number,
  fold: (a: number, b: number) => number,
): Float64Array {
  const folded = new Float64Array(runCount)
  for (let border = length; border - length < runCount; border += length) {
    let left = neutral
    for (let run = border - 1; run >= border - length; run--) {
      const value = values[run] as number
      if (value === value) left = fold(left, value)
      if (run < runCount) folded[run] = left
    }
    let right = neutral
    const end = Math.min(border, runCount)
    for (let run = border - length + 1; run < end; run++) {
      const value = values[run + length - 1] as number
      if (value === value) right = fold(right, value)
      folded[run] = fold(folded[run] as number, right)
    }
  }
  return folded
}

function slideFirst(values: Float64Array, runCount: number): Float64Array {
  const firsts = new Float64Array(runCount)
  let first = Number.NaN
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index] as number
    if (value === value) first = value
    if (index < runCount) firsts[index] = first
  }
  return firsts
}

function slideLast(values: Float64Array, length: number, runCount: number): Float64Array {
  const lasts = new Float64Array(runCount)
  let last = Number.NaN
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (value === value) last = value
    if (index - length + 1 >= 0) lasts[index - length + 1] = last
  }
  return lasts
}

/** Keeps the values of the run sorted: one goes, one comes. */
function slideMedian(values: Float64Array, length: number, runCount: number): Float64Array {
  const medians = new Float64Array(runCount)
  const sorted = new Float64Array(length + 1)
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number
    if (value === value) {
      const place = firstAtLeast(sorted, count, value)
      sorted.copyWithin(place + 1, place, count)
      sorted[place] = value
      count++
    }
    const run = index - length + 1
    if (run < 0) continue
    medians[run] = medianOfSorted(sorted.subarray(0, count))
    const leaving = values[run] as number
    if (leaving === leaving) {
      const place = firstAtLeast(sorted, count, leaving)
      sorted.copyWithin(place, place + 1, count)
      count--
    }
  }
  return medians
}

function firstAtLeast(sorted: Float64Array, count: number, value: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
