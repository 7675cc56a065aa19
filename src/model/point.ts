import type { SeriesIdentity } from './series-identity.ts'
import type { SeriesKey } from './series-key.ts'

/** A value that came with its own time, from Graphite plaintext and its like. Reused by decoders: copy what you keep. */
export interface Point {
  /** Of a typed point the metric's key (`api;env=prod`), of an untyped one the series'. */
  key: SeriesKey
  /** What the metric is, where the protocol says so (DogStatsD's `T` field). */
  type?: 'counter' | 'gauge'
  timeMs: number
  /** Finite. */
  value: number
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
