import type { TimerKind } from './sample.ts'
import type { SeriesKey } from './series-key.ts'
import type { TimerSketch } from './timer-sketch.ts'

/**
 * What came in one interval under the statistics of a flush batch: for sinks that pass values on, or count them in a way of
 * their own. Metrics without a sample in the interval are not here.
 */
export interface FlushDetails {
  readonly timers: readonly TimerDetail[]
  readonly sets: readonly SetDetail[]
  /** Gauges that are flushed with the value they had, as nothing came for them. Left out: nobody asks which these are. */
  readonly idleGauges?: readonly SeriesKey[]
}

export interface TimerDetail {
  /** As it was sent: `api.time;env=prod`. */
  readonly metricKey: SeriesKey
  readonly kind: TimerKind
  /** In the order they came. Empty if there were more than are kept (`timers.exact_values`): then there is a sketch of all. */
  readonly values: Float64Array
  /** One for each value: 1 / sample rate. Left out: each is 1. */
  readonly weights?: Float64Array
  readonly sketch?: TimerSketch
}

export interface SetDetail {
  readonly metricKey: SeriesKey
  /** All of the interval. A set with more members than are kept (`sets.exact_members`) is not here. */
  readonly members: readonly string[]
}
