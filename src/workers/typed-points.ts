import { type Naming, TimedCounters } from '../aggregator/index.ts'
import { type IndexedPoints, metricTypeOf } from '../model/point.ts'
import { isSameIdentity, type SeriesIdentity } from '../model/series-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { TimedPoints } from './calls.ts'
import type { SeriesByNumber } from './numbered-series.ts'
import type { PointAdmission } from './point-admission.ts'
import { PointIdentities, type PointType } from './point-identities.ts'

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
  /** By which names the series of a thread were looked at. */
  readonly #lookedBy = new WeakMap<SeriesByNumber, PointIdentities>()

  constructor(options: TypedPointsOptions) {
    this.#options = options
    this.#identities = new PointIdentities(options.naming)
  }

  /** What counters have of the second stays. */
  rename(naming: Naming): void {
    this.#identities = new PointIdentities(naming)
  }

  /** Those that are let in. Takes all columns over and changes them. */
  toBatch(points: TimedPoints, byNumber: SeriesByNumber): IndexedPoints {
    byNumber.learn(points)
    if (this.#lookedBy.get(byNumber) !== this.#identities) {
      byNumber.expire()
      this.#lookedBy.set(byNumber, this.#identities)
    }
    const { ids, timesMs, values } = points
    const nowMs = this.#options.monotonicMs()
    const batch = ++byNumber.batch
    const { lastBatches, lastRows } = byNumber
    const series: SeriesIdentity[] = []
    let areSummed = false
    let count = 0
    for (let index = 0; index < ids.length; index++) {
      const number = ids[index] as number
      if (lastBatches[number] !== batch) {
        lastBatches[number] = batch
        const identity = this.#identityNow(byNumber, number, nowMs)
        lastRows[number] = identity === undefined ? NO_ROW : series.push(identity) - 1
        areSummed ||= isSummed(identity, byNumber.typeOf(number))
      }
      const row = lastRows[number] as number
      if (row === NO_ROW) continue
      ids[count] = row
      if (count < index) {
        timesMs[count] = timesMs[index] as number
        values[count] = values[index] as number
      }
      if (areSummed && isSummed(series[row], byNumber.typeOf(number)))
        values[count] = this.#timedCounters.add(
          byNumber.keyOf(number),
          timesMs[count] as number,
          values[count] as number,
        )
      count++
    }
    if (count === ids.length) return { kind: 'indexed', series, rows: ids, timesMs, values }
    this.#options.onRefused(ids.length - count)
    return {
      kind: 'indexed',
      series,
      rows: ids.subarray(0, count),
      timesMs: timesMs.subarray(0, count),
      values: values.subarray(0, count),
    }
  }

  #identityNow(byNumber: SeriesByNumber, number: number, nowMs: number): SeriesIdentity | undefined {
    // Fast path: it was let in a moment ago.
    const isKnown = nowMs < (byNumber.goodUntilMs[number] as number)
    return isKnown ? byNumber.identities[number] : this.#look(byNumber, number, nowMs)
  }

  /** undefined: it is over a limit. */
  #look(byNumber: SeriesByNumber, number: number, nowMs: number): SeriesIdentity | undefined {
    const identity = this.#identityOf(byNumber, number)
    byNumber.identities[number] = identity
    byNumber.goodUntilMs[number] = identity === undefined ? 0 : nowMs + LOOKED_AT_EVERY_MS
    return identity
  }

  /** A key that Kymo flushes itself stays what it is, also when it comes in as a point. */
  #identityOf(byNumber: SeriesByNumber, number: number): SeriesIdentity | undefined {
    const key = byNumber.keyOf(number)
    const type = byNumber.typeOf(number)
    const catalog = this.#options.catalog()
    const metricType = metricTypeOf(type)
    const isUntyped = metricType === 'untyped'
    const stored = isUntyped ? catalog?.get(key)?.identity : undefined
    const previous = byNumber.identities[number]
    const found = stored ?? this.#identities.get(key, type)
    // One object for each series, as long as it is the same: what is derived from it is found by it.
    const identity = previous !== undefined && isSameIdentity(found, previous) ? previous : found
    if (stored !== undefined && identity.metricType !== 'untyped') return identity
    const isStored = isUntyped ? stored !== undefined : catalog?.get(identity.key) !== undefined
    return this.#options.admission.admits(key, metricType, isStored) ? identity : undefined
  }
}

/** Values of a counter in one second add up; all other points replace the one before. */
function isSummed(identity: SeriesIdentity | undefined, type: PointType): boolean {
  return type === 'counter' && identity?.metricType === 'counter'
}

/** It is over a limit. */
const NO_ROW = 0xff_ff_ff_ff
