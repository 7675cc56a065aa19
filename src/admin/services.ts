import type { Deletion } from './delete-metrics.ts'
import type { MetricListing } from './list-metrics.ts'

/**
 * What the console may ask of the rest of Kymo. It holds no metrics and knows no thread; roles/ provides this. What the
 * main thread knows is told at once, the metrics themselves are asked for where they are kept. A promise rejects with a
 * KymoError.
 */
export interface AdminServices {
  /** Since the start. */
  uptimeSeconds(): number
  /** When the newest line came, in seconds since 1970; while there was none, when Kymo started. */
  lastMessageSeenSeconds(): number
  /** Lines rejected since the start. */
  badLinesSeen(): number
  sinkStats(): readonly SinkStat[]
  /** What the metrics of a type hold in the open interval, made by `listMetrics` where they are kept. */
  openMetrics(type: AdminMetricType): Promise<MetricListing>
  /** Forgets metrics, done by `deleteMetrics` where they are kept. One deletion for each argument, in their order. */
  deleteMetrics(type: AdminMetricType, given: readonly string[]): Promise<readonly Deletion[]>
  /** What is in force, in the order of the reference, secrets redacted. */
  config(): readonly AdminSetting[]
}

/** As with etsy, sets are not shown. */
export type AdminMetricType = 'counter' | 'timer' | 'gauge'

export interface SinkStat {
  /** The sink's. */
  readonly name: string
  /** One that begins with `last_` is a time in seconds since 1970, and shown as the seconds since then. */
  readonly stat: string
  readonly value: number
}

export interface AdminSetting {
  /** `['http', 'port']`, `['sinks', '0', 'type']` */
  readonly path: readonly string[]
  readonly value: string
}
