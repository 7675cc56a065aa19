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
