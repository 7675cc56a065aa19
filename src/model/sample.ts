import type { SeriesKey } from './series-key.ts'

/** What a sample is, told by the wire: StatsD's `c`, `g`, `ms`/`h`/`d`, `s`. */
export const METRIC_TYPES = ['counter', 'gauge', 'timer', 'set'] as const
export type MetricType = (typeof METRIC_TYPES)[number]

/**
 * One received value, not yet aggregated.
 * A decoder fills one object over and over: whoever is handed a sample copies what it keeps.
 */
export interface Sample {
  key: SeriesKey
  type: MetricType
  /** Finite. For a set: 0. */
  value: number
  /** How many events this sample stands for: 1 / sample rate, at least 1. */
  weight: number
  /** A gauge with a sign: `value` is added to what the gauge holds. */
  isDelta: boolean
  /** The member of a set; '' for the other types. */
  member: string
}
