import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { PartialBuilder } from './partial-builder.ts'

/** What the keeper holds of one metric: merged from all shards, from interval to interval. One class per type. */
export interface Metric {
  readonly key: SeriesKey
  /** It had a sample in the open interval. */
  isUpdated: boolean
  /** The end of the interval that last had a sample; of the open one only once that is closed. */
  lastUpdateMs: number
  /** Puts out its statistics and begins the next interval. */
  flush(rows: FlushRows): void
  /** Puts out its row of the open interval, if there is anything to remember. Changes nothing. */
  save(id: number, builder: PartialBuilder): void
}

/** The rows of a flush batch under way. */
export class FlushRows {
  readonly intervalSeconds: number
  readonly series: SeriesIdentity[] = []
  readonly values: number[] = []

  constructor(intervalMs: number) {
    this.intervalSeconds = intervalMs / 1000
  }

  /** A statistic too large for a double has no row: nothing behind this takes infinities. */
  push(identity: SeriesIdentity, value: number): void {
    if (!Number.isFinite(value)) return
    this.series.push(identity)
    this.values.push(value)
  }
}
