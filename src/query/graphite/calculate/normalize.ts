import type { QuerySeries } from '../../query-series.ts'
import { consolidateValues } from '../../consolidate.ts'

/** Series whose points can be taken together, row by row. */
export interface Normalized {
  /** One for each series, in their order. A shorter one has no points at the end. */
  readonly columns: readonly Float64Array[]
  readonly rowCount: number
  readonly startSeconds: number
  readonly endSeconds: number
  readonly stepSeconds: number
}

/**
 * Brings series to one step, the least that all of theirs divide: each is consolidated to it in its own way. Points are matched
 * by their place in the series, not by their time, as in Graphite. undefined: there are no series.
 */
export function normalize(series: readonly QuerySeries[]): Normalized | undefined {
  const first = series[0]
  if (first === undefined) return undefined
  let stepSeconds = first.stepSeconds
  let startSeconds = first.startSeconds
  let endSeconds = first.endSeconds
  for (const one of series) {
    if (one.stepSeconds !== stepSeconds) stepSeconds = leastCommonMultiple(stepSeconds, one.stepSeconds)
    startSeconds = Math.min(startSeconds, one.startSeconds)
    endSeconds = Math.max(endSeconds, one.endSeconds)
  }
  const columns = series.map((one) => valuesAtStep(one, stepSeconds))
  const rowCount = columns.reduce((most, { length }) => Math.max(most, length), 0)
  endSeconds -= (endSeconds - startSeconds) % stepSeconds
  return { columns, rowCount, startSeconds, endSeconds, stepSeconds }
}

/** The values of one row, nulls included, into `row`, which has a place for each column. */
export function readRow(columns: readonly Float64Array[], index: number, row: Float64Array): Float64Array {
  for (let column = 0; column < columns.length; column++) {
    row[column] = columns[column]?.[index] ?? Number.NaN
  }
  return row
}

export function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function valuesAtStep(series: QuerySeries, stepSeconds: number): Float64Array {
  if (series.stepSeconds === stepSeconds) return series.values
  return consolidateValues(series.values, stepSeconds / series.stepSeconds, series)
}
