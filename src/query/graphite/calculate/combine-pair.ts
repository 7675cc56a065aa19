import type { QuerySeries } from '../../query-series.ts'
import { createSeries } from './create-series.ts'
import { normalize } from './normalize.ts'

/** One series of two, value by value; where one has ended it is null. */
export function combinePair(
  first: QuerySeries,
  second: QuerySeries,
  name: string,
  combine: (a: number, b: number) => number,
  xFilesFactor = 0,
): QuerySeries {
  const normalized = normalize([first, second])
  if (normalized === undefined) throw new Error('BUG: two series are none')
  const [a = EMPTY, b = EMPTY] = normalized.columns
  const values = new Float64Array(normalized.rowCount)
  for (let row = 0; row < values.length; row++) {
    values[row] = combine(a[row] ?? Number.NaN, b[row] ?? Number.NaN)
  }
  const { startSeconds, endSeconds, stepSeconds } = normalized
  return createSeries({ name, startSeconds, endSeconds, stepSeconds, values, xFilesFactor })
}

const EMPTY = new Float64Array(0)
