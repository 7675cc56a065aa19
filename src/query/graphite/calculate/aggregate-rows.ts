import type { Aggregation } from '../aggregation-name.ts'
import { addColumns } from './add-columns.ts'
import { aggregateValues } from './aggregate-values.ts'
import type { Normalized } from './normalize.ts'
import { readRow } from './normalize.ts'

/**
 * One value for each row of series. A row has one if it has any, and if the share of series that do is not below the
 * xFilesFactor.
 */
export function aggregateRows(
  normalized: Normalized,
  aggregation: Aggregation,
  xFilesFactor: number,
): Float64Array {
  const { columns, rowCount } = normalized
  const { values, counts } = aggregateColumns(normalized, aggregation) ?? {
    values: aggregateEachRow(normalized, aggregation),
    counts: countRows(columns, rowCount),
  }
  for (let row = 0; row < rowCount; row++) {
    const count = counts[row] ?? 0
    if (count === 0 || count / columns.length < xFilesFactor) values[row] = Number.NaN
  }
  return values
}

/** How many values each row has. */
export function countRows(columns: readonly Float64Array[], rowCount: number): Float64Array {
  const counts = new Float64Array(rowCount)
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) {
      const value = column[row] as number
      // Only NaN is not itself.
      if (value === value) counts[row] = (counts[row] as number) + 1
    }
  }
  return counts
}

/** Series by series, which is how they lie in memory; undefined: it takes whole rows. See bench/query.ts. */
function aggregateColumns(
  { columns, rowCount }: Normalized,
  aggregation: Aggregation,
): { readonly values: Float64Array; readonly counts: Float64Array } | undefined {
  const folded = (fold: (folded: number, value: number) => number) => ({
    values: foldColumns(columns, rowCount, fold),
    counts: countRows(columns, rowCount),
  })
  switch (aggregation) {
    case 'sum':
    case 'average':
    case 'avg_zero': {
      const { sums, counts } = addColumns(columns, rowCount)
      if (aggregation === 'average') divideBy(sums, counts)
      else if (aggregation === 'avg_zero') divideBy(sums, new Float64Array(rowCount).fill(columns.length))
      return { values: sums, counts }
    }
    case 'count': {
      const counts = countRows(columns, rowCount)
      return { values: counts.slice(), counts }
    }
    case 'min':
      return folded((least, value) => (value < least ? value : least))
    case 'max':
      return folded((most, value) => (value > most ? value : most))
    case 'diff':
      return folded((rest, value) => rest - value)
    case 'last':
      return folded((_earlier, value) => value)
    case 'range':
    case 'multiply':
    case 'median':
    case 'stddev':
      return undefined
  }
}

function aggregateEachRow({ columns, rowCount }: Normalized, aggregation: Aggregation): Float64Array {
  const values = new Float64Array(rowCount)
  const row = new Float64Array(columns.length)
  for (let index = 0; index < rowCount; index++) {
    values[index] = aggregateValues(readRow(columns, index, row), aggregation)
  }
  return values
}

function divideBy(values: Float64Array, divisors: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    values[row] = (values[row] as number) / (divisors[row] as number)
  }
}

/** Of the values of each row, in order: the first, then what `fold` makes of that and the next. */
function foldColumns(
  columns: readonly Float64Array[],
  rowCount: number,
  fold: (folded: number, value: number) => number,
): Float64Array {
  const folded = new Float64Array(rowCount).fill(Number.NaN)
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) {
      const value = column[row] as number
      if (value !== value) continue
      const before = folded[row] as number
      folded[row] = before === before ? fold(before, value) : value
    }
  }
  return folded
}
