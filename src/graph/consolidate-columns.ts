import type { GraphSeries } from './graph-series.ts'

/**
 * The series with at most one value for each `minXStep` pixels. Columns begin at multiples of their length, so that a graph which
 * is drawn again a little later has the same ones. A column without a value is a gap.
 */
export function consolidateColumns(
  series: GraphSeries,
  { rangeSeconds, widthPixels, minXStep }: ColumnRequest,
): GraphSeries {
  const { stepSeconds, values, startSeconds } = series
  const pointCount = rangeSeconds / stepSeconds
  const columnCount = Math.max(1, Math.floor(widthPixels / minXStep))
  const length = Math.ceil(pointCount / columnCount)
  if (!(length > 1) || values.length === 0) return series
  const columnSeconds = length * stepSeconds
  const firstColumn = Math.floor(startSeconds / columnSeconds)
  /** Points that the first column would have had before the series begins. */
  const missing = Math.round((startSeconds - firstColumn * columnSeconds) / stepSeconds)
  const columns = new Float64Array(Math.ceil((values.length + missing) / length))
  for (let column = 0; column < columns.length; column++) {
    const start = Math.max(0, column * length - missing)
    const end = Math.min(values.length, (column + 1) * length - missing)
    const value = consolidate(values, start, end, series.consolidation)
    columns[column] = hasEnough(values, start, end, length * (series.xFilesFactor ?? 0)) ? value : Number.NaN
  }
  return { ...series, values: columns, startSeconds: firstColumn * columnSeconds, stepSeconds: columnSeconds }
}

export interface ColumnRequest {
  readonly rangeSeconds: number
  readonly widthPixels: number
  readonly minXStep: number
}

/** Of `values[start..end)` those that are there; NaN: none is. */
export function consolidate(
  values: Float64Array,
  start: number,
  end: number,
  rule: GraphSeries['consolidation'],
): number {
  let count = 0
  let sum = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let first = Number.NaN
  let last = Number.NaN
  for (let i = start; i < end; i++) {
    const value = values[i] ?? Number.NaN
    if (Number.isNaN(value)) continue
    if (count === 0) first = value
    last = value
    count += 1
    sum += value
    if (value < least) least = value
    if (value > most) most = value
  }
  if (count === 0) return Number.NaN
  switch (rule) {
    case 'average':
      return sum / count
    case 'avg_zero':
      return sum / (end - start)
    case 'sum':
      return sum
    case 'max':
      return most
    case 'min':
      return least
    case 'first':
      return first
    case 'last':
      return last
  }
}

/** Whether so many of `values[start..end)` are there. */
function hasEnough(values: Float64Array, start: number, end: number, least: number): boolean {
  if (least === 0) return true
  let count = 0
  for (let i = start; i < end; i++) if (!Number.isNaN(values[i])) count += 1
  return count >= least
}
