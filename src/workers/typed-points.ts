import { type Naming, TimedCounters } from '../aggregator/index.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { Catalog } from '../store/catalog.ts'
import type { TimedPoints } from './calls.ts'
import type { PointAdmission } from './point-admission.ts'
import { PointIdentities, type PointType } from './point-identities.ts'

export interface TypedPointsOptions {
  readonly naming: Naming
  /** undefined while there is no store. */
  readonly catalog: () => Catalog | undefined
  readonly admission: Pick<PointAdmission, 'admits'>
  /** That many points were of series that are over a limit. */
  readonly onRefused: (points: number) => void
}

/** Makes batches, for sinks and the store, of points as they come from the threads that take in. */
export class TypedPoints {
  readonly #options: TypedPointsOptions
  #identities: PointIdentities
  readonly #timedCounters = new TimedCounters()

  constructor(options: TypedPointsOptions) {
    this.#options = options
    this.#identities = new PointIdentities(options.naming)
  }

  /** What counters have of the second stays. */
  rename(naming: Naming): void {
    this.#identities = new PointIdentities(naming)
  }

  /** Those that are let in. Takes `timesMs` and `values` over and changes them. */
  toBatch({ keys, types, timesMs, values }: TimedPoints): PointBatch {
    const series: SeriesIdentity[] = []
    for (const [index, key] of keys.entries()) {
      const type = types[index] ?? 'untyped'
      const identity = this.#admit(key, type)
      if (identity === undefined) continue
      const [timeMs, value] = [timesMs[index] ?? 0, values[index] ?? 0]
      const row = series.push(identity) - 1
      timesMs[row] = timeMs
      // Values of a counter in one second add up; all other points replace the one before.
      values[row] = type === 'counter' ? this.#timedCounters.add(key, timeMs, value) : value
    }
    const count = series.length
    if (count < keys.length) this.#options.onRefused(keys.length - count)
    return { kind: 'number', series, timesMs: timesMs.subarray(0, count), values: values.subarray(0, count) }
  }

  /** undefined: it is over a limit. A key that Kymo flushes itself stays what it is, also when it comes in as a point. */
  #admit(key: SeriesKey, type: PointType): SeriesIdentity | undefined {
    const catalog = this.#options.catalog()
    const isUntyped = type === 'untyped'
    const stored = isUntyped ? catalog?.get(key)?.identity : undefined
    if (stored !== undefined && stored.metricType !== 'untyped') return stored
    const identity = stored ?? this.#identities.get(key, type)
    const isStored = isUntyped ? stored !== undefined : catalog?.get(identity.key) !== undefined
    return this.#options.admission.admits(key, type, isStored) ? identity : undefined
  }
}
