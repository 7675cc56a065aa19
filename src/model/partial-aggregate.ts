import type { MetricType } from './sample.ts'
import type { SeriesKey } from './series-key.ts'

/**
 * What one shard collected in one interval. It is what a shard hands to the keeper, what is saved when Kymo stops
 * inside an interval, and what a gathering machine forwards. Its bytes are described in
 * docs/formats/partial-aggregate.md; formats/partial-aggregate reads and writes them.
 *
 * Metrics travel as ids of the sender's own making. `names` introduces an id once, before or with its first use;
 * a saved aggregate introduces all of its own.
 */
export interface PartialAggregate {
  /** End of the interval these samples belong to. */
  readonly intervalEndMs: number
  readonly names: readonly MetricName[]
  readonly counters: CounterColumns
  readonly gauges: GaugeColumns
  readonly timers: TimerColumns
  readonly sets: SetColumns
}

export interface MetricName {
  readonly id: number
  readonly type: MetricType
  readonly key: SeriesKey
  /**
   * Only in a saved aggregate: the end of the interval that last had samples of this metric. Left out: this interval
   * has. A saved counter, timer or set that is idle is a name with this time and no row.
   */
  readonly idleSinceMs?: number
}

export interface CounterColumns {
  readonly ids: Uint32Array
  /** Sum of value x weight. */
  readonly sums: Float64Array
}

export interface GaugeColumns {
  readonly ids: Uint32Array
  /** The last absolute value; NaN if only deltas came. */
  readonly absolutes: Float64Array
  /** When the last absolute value was received; 0 if none. Decides between shards. */
  readonly absoluteTimesMs: Float64Array
  /** Sum of the deltas received since the last absolute value. */
  readonly deltas: Float64Array
}

export interface TimerColumns {
  readonly ids: Uint32Array
  /** Values of timer i are `values[offsets[i] .. offsets[i + 1])`; one longer than `ids`. */
  readonly offsets: Uint32Array
  readonly values: Float64Array
  /** Weight of each value. */
  readonly weights: Float64Array
}

export interface SetColumns {
  readonly ids: Uint32Array
  /** Members of set i are `members[offsets[i] .. offsets[i + 1])`; one longer than `ids`. */
  readonly offsets: Uint32Array
  readonly members: readonly string[]
}
