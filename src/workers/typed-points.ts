import { type Naming, TimedCounters } from '../aggregator/index.ts'
import type { PointBatch } from '../model/point.ts'
import { isSameIdentity, type SeriesIdentity } from '../model/series-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { TimedPoints } from './calls.ts'
import type { NumberedSeries, SeriesByNumber } from './numbered-series.ts'
import type { PointAdmission } from './point-admission.ts'
import { PointIdentities } from './point-identities.ts'

export interface TypedPointsOptions {
  readonly naming: Naming
  /** undefined while there is no store. */
  readonly catalog: () => Catalog | undefined
  readonly admission: Pick<PointAdmission, 'admits'>
  /** That many points were of series that are over a limit. */
  readonly onRefused: (points: number) => void
  readonly monotonicMs: () => number
}

/** What a series was let in as holds for so long; then limits and catalog are asked again. */
const LOOKED_AT_EVERY_MS = 10_000

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
  toBatch(points: TimedPoints, byNumber: SeriesByNumber): PointBatch {
    byNumber.learn(points)
    const { ids, timesMs, values } = points
    const nowMs = this.#options.monotonicMs()
    const series: SeriesIdentity[] = []
    for (let index = 0; index < ids.length; index++) {
      const numbered = byNumber.get(ids[index] ?? 0)
      const identity = this.#admit(numbered, nowMs)
      if (identity === undefined) continue
      const [timeMs, value] = [timesMs[index] ?? 0, values[index] ?? 0]
      const row = series.push(identity) - 1
      timesMs[row] = timeMs
      // Values of a counter in one second add up; all other points replace the one before.
      values[row] = numbered.type === 'counter' ? this.#timedCounters.add(numbered.key, timeMs, value) : value
    }
    const count = series.length
    if (count < ids.length) this.#options.onRefused(ids.length - count)
    return { kind: 'number', series, timesMs: timesMs.subarray(0, count), values: values.subarray(0, count) }
  }

  /** undefined: it is over a limit. */
  #admit(numbered: NumberedSeries, nowMs: number): SeriesIdentity | undefined {
    const { admitted } = numbered
    if (admitted !== undefined && nowMs < admitted.goodUntilMs && admitted.by === this.#identities)
      return admitted.identity
    const identity = this.#look(numbered)
    numbered.admitted =
      identity === undefined
        ? undefined
        : { identity, by: this.#identities, goodUntilMs: nowMs + LOOKED_AT_EVERY_MS }
    return identity
  }

  /** A key that Kymo flushes itself stays what it is, also when it comes in as a point. */
  #look({ key, type, admitted }: NumberedSeries): SeriesIdentity | undefined {
    const catalog = this.#options.catalog()
    const isUntyped = type === 'untyped'
    const stored = isUntyped ? catalog?.get(key)?.identity : undefined
    const previous = admitted?.identity
    // One object for each series, as long as it is the same: what is derived from it is found by it.
    const kept =
      stored !== undefined && previous !== undefined && isSameIdentity(stored, previous) ? previous : stored
    if (kept !== undefined && kept.metricType !== 'untyped') return kept
    const identity = kept ?? this.#identities.get(key, type)
    const isStored = isUntyped ? stored !== undefined : catalog?.get(identity.key) !== undefined
    return this.#options.admission.admits(key, type, isStored) ? identity : undefined
  }
}
