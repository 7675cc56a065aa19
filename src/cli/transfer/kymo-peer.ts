import type { ImportResult } from '../../api/services.ts'
import type { PointColumns } from '../../formats/point-columns/point-columns.ts'
import type { Rollup } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import type { TimeRange } from '../../model/time-range.ts'

/** The Kymo that points are moved into or out of: one that runs, or the data directory of one that does not. */
export interface KymoPeer {
  /** As a person knows it: an address or a path. */
  readonly name: string
  /** Resolves when the points can be read. The columns may be taken over. */
  send(columns: PointColumns): Promise<ImportResult>
  /** Resolves when everything sent before survives a power cut. */
  settle(): Promise<void>
  /** Sorted by key; all without a pattern. */
  list(pattern: string | undefined): Promise<readonly ListedSeries[]>
  /** The points of series as they are. Throws the KymoError `too-many-points`: then ask for less at once. */
  points(keys: readonly SeriesKey[], range: TimeRange): Promise<PointColumns>
  close(): Promise<void>
}

export interface ListedSeries {
  readonly key: SeriesKey
  readonly rollup: Rollup
  readonly firstMs: number
  readonly lastMs: number
}
