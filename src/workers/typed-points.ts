import { type Naming, TimedCounters } from '../aggregator/index.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { Catalog } from '../store/catalog.ts'
import type { TimedPoints } from './calls.ts'
import { PointIdentities, type PointType } from './point-identities.ts'

/** Makes batches, for sinks and the store, of points as they come from the threads that take in. */
export class TypedPoints {
  #identities: PointIdentities
  readonly #timedCounters = new TimedCounters()
  readonly #catalog: () => Catalog | undefined

  constructor(naming: Naming, catalog: () => Catalog | undefined) {
    this.#identities = new PointIdentities(naming)
    this.#catalog = catalog
  }

  /** What counters have of the second stays. */
  rename(naming: Naming): void {
    this.#identities = new PointIdentities(naming)
  }

  /** Takes `values` over and changes it. */
  toBatch({ keys, types, timesMs, values }: TimedPoints): PointBatch {
    const series = keys.map((key, index) => this.#identityOf(key, types[index] ?? 'untyped'))
    // Values of a counter in one second add up; all other points replace the one before.
    for (const [index, type] of types.entries()) {
      if (type !== 'counter') continue
      values[index] = this.#timedCounters.add(keys[index] ?? '', timesMs[index] ?? 0, values[index] ?? 0)
    }
    return { kind: 'number', series, timesMs, values }
  }

  /** A key that Kymo flushes itself stays what it is, also when it comes in as a point. */
  #identityOf(key: SeriesKey, type: PointType): SeriesIdentity {
    const known = type === 'untyped' ? this.#catalog()?.get(key)?.identity : undefined
    return known ?? this.#identities.get(key, type)
  }
}
