/**
 * A series inside a query, by Graphite's rules: seconds, equal steps, nulls. The unit of everything functions
 * take in and put out. Values are not changed in place: a function that changes them makes a new series.
 */
export interface QuerySeries {
  readonly name: string
  /** What combining functions print in their names: the expression the series came from. */
  readonly pathExpression: string
  readonly tags: Readonly<Record<string, string | number>>
  readonly startSeconds: number
  /** Exclusive: start + values.length x step. */
  readonly endSeconds: number
  readonly stepSeconds: number
  /** NaN: null. */
  readonly values: Float64Array
  readonly consolidation: Consolidation
  /** Share of a bucket's points that must be there for the bucket to have a value; 0: any. */
  readonly xFilesFactor: number
}

export const CONSOLIDATIONS = ['average', 'avg_zero', 'sum', 'max', 'min', 'first', 'last'] as const
export type Consolidation = (typeof CONSOLIDATIONS)[number]
