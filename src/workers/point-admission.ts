import type { SeriesLimits } from '../admission/index.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { PointType } from './point-identities.ts'

type AdmittedPointType = Exclude<PointType, 'total'>

/** A series counts against the limits until no point has come for so long, or for up to twice as long. */
const GENERATION_MS = 3_600_000

export interface PointAdmissionOptions {
  readonly limits: SeriesLimits
  readonly monotonicMs: () => number
}

/**
 * Which series there may be of points that come with their own time. A point is not a sum, so what is over a limit is refused
 * and not added up. What has been sent lately is remembered in two generations, of which the older is forgotten as a whole.
 */
export class PointAdmission {
  readonly #monotonicMs: () => number
  #limits: SeriesLimits
  #young = new Generation()
  #old = new Generation()
  #nextGenerationMs: number

  constructor({ limits, monotonicMs }: PointAdmissionOptions) {
    this.#limits = limits
    this.#monotonicMs = monotonicMs
    this.#nextGenerationMs = monotonicMs() + GENERATION_MS
  }

  /** Series that count against the limits. */
  get seriesCount(): number {
    return this.#young.size + this.#old.size
  }

  /** Whether a point of this series is let in. `isStored`: it was let in before, and so it is whatever the limits say. */
  admits(key: SeriesKey, type: AdmittedPointType, isStored: boolean): boolean {
    const young = this.#young.keys[type]
    if (young.has(key)) return true
    if (!this.#old.keys[type].delete(key)) {
      if (isStored) this.#limits.hold(key)
      else if (this.#limits.admit(key, type) !== key) return false
    }
    young.add(key)
    return true
  }

  /** Other limits, against which everything counts that is there. */
  reconfigure(limits: SeriesLimits): void {
    this.#limits = limits
    for (const generation of [this.#young, this.#old]) for (const key of generation) limits.hold(key)
  }

  /** To be called now and then. */
  forgetIdle(): void {
    const nowMs = this.#monotonicMs()
    if (nowMs < this.#nextGenerationMs) return
    this.#nextGenerationMs = nowMs + GENERATION_MS
    for (const key of this.#old) this.#limits.release(key)
    this.#old = this.#young
    this.#young = new Generation()
  }
}

class Generation {
  readonly keys: Readonly<Record<AdmittedPointType, Set<SeriesKey>>> = {
    untyped: new Set(),
    counter: new Set(),
    gauge: new Set(),
  }

  get size(): number {
    return this.keys.untyped.size + this.keys.counter.size + this.keys.gauge.size
  }

  *[Symbol.iterator](): IterableIterator<SeriesKey> {
    for (const keys of Object.values(this.keys)) yield* keys
  }
}
