import type { SeriesKey } from './series-key.ts'

/** What a sample is, told by the wire: StatsD's `c`, `g`, `ms`/`h`/`d`, `s`. */
export const METRIC_TYPES = ['counter', 'gauge', 'timer', 'set'] as const
export type MetricType = (typeof METRIC_TYPES)[number]

/**
 * As what a timer was sent: `ms`, whose values are milliseconds, `h` or `d`, whose values are of any unit. All three are
 * aggregated alike; other systems tell them apart.
 */
export const TIMER_KINDS = ['timing', 'histogram', 'distribution'] as const
export type TimerKind = (typeof TIMER_KINDS)[number]

/**
 * One received value, not yet aggregated.
 * A decoder fills one object over and over: whoever is handed a sample copies what it keeps.
 */
export interface Sample {
  key: SeriesKey
  type: MetricType
  /** Of a timer; left out: timing. A metric is what it was first sent as. */
  timerKind?: TimerKind
  /** Finite. For a set: 0. */
  value: number
  /** How many events this sample stands for: 1 / sample rate, at least 1. */
  weight: number
  /** A gauge with a sign: `value` is added to what the gauge holds. */
  isDelta: boolean
  /** The member of a set; '' for the other types. */
  member: string
}
