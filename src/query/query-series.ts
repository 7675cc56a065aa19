/**
 * A series inside a query, by Graphite's rules: seconds, equal steps, nulls. The unit of everything functions
 * take in and put out. Values are not changed in place: a function that changes them makes a new series.
 */
export interface QuerySeries {
  readonly name: string
  /** What combining functions print in their names: the expression the series came from. */
  readonly pathExpression: string
  /** Those of the stored series, and the marks that functions leave (`scale: "10.0"`). */
  readonly tags: SeriesTags
  readonly startSeconds: number
  /**
   * Exclusive: start + values.length x step. Of a few functions it lies elsewhere, as in Graphite, where it counts for
   * the range that maxDataPoints divides; answers of JSON hold no point after it.
   */
  readonly endSeconds: number
  readonly stepSeconds: number
  /** NaN: null. */
  readonly values: Float64Array
  readonly consolidation: Consolidation
  /** Share of a bucket's points that must be there for the bucket to have a value; 0: any. */
  readonly xFilesFactor: number
  /** How to draw it; undefined: as usual. */
  readonly style?: SeriesStyle
}

export type SeriesTags = Readonly<Record<string, string | number>>

/** What the functions of the group Graph ask of a graph. */
export interface SeriesStyle {
  /** A name or hexadecimal digits, as it was written. */
  readonly color?: string
  /** Pixels. */
  readonly lineWidth?: number
  /** Length of a dash, in pixels. */
  readonly dashed?: number
  /** 0: transparent, 1: opaque. */
  readonly alpha?: number
  readonly isStacked?: boolean
  readonly isInvisible?: boolean
  readonly isOnSecondYAxis?: boolean
  /** Each value that is not 0 is a line from the bottom to the top. */
  readonly isDrawnAsInfinite?: boolean
}

export const CONSOLIDATIONS = ['average', 'avg_zero', 'sum', 'max', 'min', 'first', 'last'] as const
export type Consolidation = (typeof CONSOLIDATIONS)[number]
