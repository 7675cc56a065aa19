import type { Aggregation } from '../aggregation-name.ts'

/**
 * One number of many; NaN is null, and so is the answer where there is none. Nulls are passed over, but for: `multiply`, which
 * is null if any value is; `avg_zero`, which takes them for 0; `count`, which is 0 of none.
 */
export function aggregateValues(values: Float64Array, aggregation: Aggregation): number {
  switch (aggregation) {
    case 'average':
      return average(values)
    case 'avg_zero':
      return values.length === 0 ? Number.NaN : sumOrZero(values) / values.length
    case 'median':
      return median(values)
    case 'sum':
      return sum(values)
    case 'min':
      return minimum(values)
    case 'max':
      return maximum(values)
    case 'diff':
      return difference(values)
    case 'stddev':
      return Math.sqrt(variance(values))
    case 'count':
      return presentCount(values)
    case 'range':
      return maximum(values) - minimum(values)
    case 'multiply':
      return product(values)
    case 'last':
      return last(values)
  }
}

export function presentCount(values: Float64Array): number {
  let count = 0
  for (const value of values) if (!Number.isNaN(value)) count++
  return count
}

export function sum(values: Float64Array): number {
  let total = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    total += value
    count++
  }
  return count === 0 ? Number.NaN : total
}

export function average(values: Float64Array): number {
  let total = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    total += value
    count++
  }
  return total / count
}

export function minimum(values: Float64Array): number {
  let least = Number.NaN
  for (const value of values) if (!(value >= least) && !Number.isNaN(value)) least = value
  return least
}

export function maximum(values: Float64Array): number {
  let most = Number.NaN
  for (const value of values) if (!(value <= most) && !Number.isNaN(value)) most = value
  return most
}

export function last(values: Float64Array): number {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index] ?? Number.NaN
    if (!Number.isNaN(value)) return value
  }
  return Number.NaN
}

/** Mean square of the distance from the average. */
export function variance(values: Float64Array): number {
  const middle = average(values)
  let total = 0
  let count = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    total += (value - middle) * (value - middle)
    count++
  }
  return total / count
}

export function sortedPresent(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort()
}

function median(values: Float64Array): number {
  return medianOfSorted(sortedPresent(values))
}

export function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

function sumOrZero(values: Float64Array): number {
  const total = sum(values)
  return Number.isNaN(total) ? 0 : total
}

/** The first less all others. */
function difference(values: Float64Array): number {
  let result = Number.NaN
  for (const value of values) {
    if (Number.isNaN(value)) continue
    result = Number.isNaN(result) ? value : result - value
  }
  return result
}

function product(values: Float64Array): number {
  if (values.length === 0) return Number.NaN
  let result = 1
  for (const value of values) result *= value
  return result
}
