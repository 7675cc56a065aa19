import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { addSaturating } from './add-saturating.ts'
import type { FlushRows, Metric } from './metric.ts'
import type { PartialBuilder } from './partial-builder.ts'

export interface GaugePart {
  /** NaN: none, the part has deltas alone. */
  readonly absolute: number
  readonly absoluteTimeMs: number
  readonly delta: number
  /** The part is of an interval that was flushed without it. */
  readonly isLate: boolean
}

/**
 * A gauge: of the absolute values of all shards the one received last, then the deltas of all. It keeps its value from
 * interval to interval; deltas change what it holds, or 0.
 */
export class GaugeMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  #identity: SeriesIdentity
  #absolute = 0
  #absoluteTimeMs = 0
  /** `#absolute` was received in the open interval, not carried over from an earlier one. */
  #isOpenAbsolute = false
  #delta = 0

  constructor(key: SeriesKey, identity: SeriesIdentity) {
    this.key = key
    this.#identity = identity
  }

  /** What it has been given stays. */
  rename(identity: SeriesIdentity): void {
    this.#identity = identity
  }

  merge(part: GaugePart): void {
    if (!Number.isNaN(part.absolute) && this.#isSuperseded(part)) {
      this.#absolute = part.absolute
      this.#absoluteTimeMs = part.absoluteTimeMs
      if (!part.isLate) this.#isOpenAbsolute = true
    }
    this.#delta = addSaturating(this.#delta, part.delta)
  }

  /** Takes up a saved gauge: its value counts as carried over, for whatever is received now is newer. */
  restore(part: GaugePart): void {
    this.#absolute = Number.isNaN(part.absolute) ? 0 : part.absolute
    this.#absoluteTimeMs = part.absoluteTimeMs
    this.#delta = part.delta
  }

  /** What it would flush now. */
  get openValue(): number {
    return addSaturating(this.#absolute, this.#delta)
  }

  flush(rows: FlushRows): void {
    this.#absolute = this.openValue
    this.#isOpenAbsolute = false
    this.#delta = 0
    rows.push(this.#identity, this.#absolute)
  }

  save(id: number, builder: PartialBuilder): void {
    builder.gauge(id, this.#absolute, this.#absoluteTimeMs, this.#delta)
  }

  /** A value carried over gives way to any of the open interval, for receive times go back when the clock is set back. */
  #isSuperseded(part: GaugePart): boolean {
    return part.absoluteTimeMs >= this.#absoluteTimeMs || (!this.#isOpenAbsolute && !part.isLate)
  }
}
