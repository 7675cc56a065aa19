import type { SeriesIdentity } from './series-identity.ts'
import type { SeriesKey } from './series-key.ts'

/** A value that came with its own time, from Graphite plaintext and its like. Reused by decoders: copy what you keep. */
export interface Point {
  /** Of a typed point the metric's key (`api;env=prod`), of an untyped one the series'. */
  key: SeriesKey
  /**
   * What the metric is, where the protocol says so (DogStatsD's `T` field). `total`: what has been counted since a start, as Prometheus and
   * OpenTelemetry have it; its series is untyped, but for its rollup, which is the last value.
   */
  type?: 'counter' | 'gauge' | 'total'
  timeMs: number
  /** Finite. */
  value: number
}

/** Whose rules and limits a point is under. */
export function metricTypeOf(type: Point['type'] | 'untyped'): 'counter' | 'gauge' | 'untyped' {
  return type === undefined || type === 'total' ? 'untyped' : type
}

/**
 * Points as columns: `values[i]` of `series[i]` at `timesMs[i]`. What sinks and the store take in.
 * `kind` leaves room for aggregated points and sketches; each is a batch of its own.
 */
export interface PointBatch {
  readonly kind: 'number'
  readonly series: readonly SeriesIdentity[]
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/**
 * Points as they come by the thousand, of which a series has several: `values[i]` at `timesMs[i]`, of `series[rows[i]]`. What is to be known of
 * a series is looked up once. A series may have no point.
 */
export interface IndexedPoints {
  readonly kind: 'indexed'
  readonly series: readonly SeriesIdentity[]
  readonly rows: Uint32Array
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** Whose the point is. */
export function seriesOfPoint(batch: PointBatch | IndexedPoints, index: number): SeriesIdentity | undefined {
  return batch.series[batch.kind === 'indexed' ? (batch.rows[index] as number) : index]
}
