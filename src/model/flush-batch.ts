import type { FlushDetails } from './flush-details.ts'
import type { SeriesIdentity } from './series-identity.ts'

/**
 * Everything one interval produced, from all shards, as columns: `values[i]` is the value of `series[i]`.
 * No two batches carry one `timestampMs`.
 */
export interface FlushBatch {
  /** End of the interval: an exact multiple of `intervalMs`. */
  readonly timestampMs: number
  readonly intervalMs: number
  readonly series: readonly SeriesIdentity[]
  readonly values: Float64Array
  /** Weights of the buckets of timers' sketches, for the store alone; undefined: nobody keeps them. */
  readonly sketches?:
    | { readonly series: readonly SeriesIdentity[]; readonly values: Float64Array }
    | undefined
  /** What the values of timers and the members of sets were; left out: no sink asks for them. */
  readonly details?: FlushDetails
  /** Values of timers and members of sets are folded into `series`; these say how many metrics there were. */
  readonly metricCounts: {
    readonly counter: number
    readonly gauge: number
    readonly timer: number
    readonly set: number
  }
}
