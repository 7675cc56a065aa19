import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'

/** Points of many series, series by series, as columns: what goes over HTTP when data is moved in or out. */
export interface PointColumns {
  readonly series: readonly ColumnSeries[]
  /** Of all series, one behind the other; whole milliseconds. */
  readonly timesMs: Float64Array
  /** Finite. */
  readonly values: Float64Array
}

export interface ColumnSeries {
  readonly key: SeriesKey
  /** How many points of the columns are its. */
  readonly points: number
  /** How its values become those of a coarser step; undefined: not said. */
  readonly rollup?: Rollup | undefined
}

/** A media type that no page can make a browser send unasked. */
export const POINT_COLUMNS_TYPE = 'application/vnd.kymo.points'

/** What one request may carry. */
export const MOST_POINTS = 131_072
export const MOST_POINT_BYTES = 8 * 1024 * 1024

export const MAGIC = 'KYMO PTS'
export const VERSION = 1
export const HEADER_BYTES = 24
export const SERIES_BYTES = 8
/** By code, from 1 on; 0 says nothing. */
export const ROLLUPS: readonly Rollup[] = ['sum', 'min', 'max', 'mean', 'last']
/** Whose length the format can say. */
export const MOST_KEY_BYTES = 0xffff
