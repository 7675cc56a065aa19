import type { SeriesIdentity } from '../model/series-identity.ts'
import { addSaturating } from './add-saturating.ts'
import type { FlushRows } from './flush-rows.ts'
import { grow } from '../lib/grow.ts'
import { MetricTable } from './metric-table.ts'
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
 * Gauges: of the absolute values of all shards the one received last, then the deltas of all. A gauge keeps its value from
 * interval to interval; deltas change what it holds, or 0.
 */
export class GaugeTable extends MetricTable {
  #absolutes = new Float64Array(0)
  #absoluteTimesMs = new Float64Array(0)
  #deltas = new Float64Array(0)
  /** 1: the absolute value was received in the open interval, not carried over from an earlier one. */
  #isOpenAbsolute = new Uint8Array(0)

  add(slot: number, part: GaugePart): void {
    if (!Number.isNaN(part.absolute) && this.#isSuperseded(slot, part)) {
      this.#absolutes[slot] = part.absolute
      this.#absoluteTimesMs[slot] = part.absoluteTimeMs
      if (!part.isLate) this.#isOpenAbsolute[slot] = 1
    }
    this.#deltas[slot] = addSaturating(this.#deltas[slot] ?? 0, part.delta)
  }

  /** Takes up a saved gauge: its value counts as carried over, for whatever is received now is newer. */
  restore(slot: number, part: GaugePart): void {
    this.#absolutes[slot] = Number.isNaN(part.absolute) ? 0 : part.absolute
    this.#absoluteTimesMs[slot] = part.absoluteTimeMs
    this.#deltas[slot] = part.delta
  }

  /** What it would flush now. */
  openValue(slot: number): number {
    return addSaturating(this.#absolutes[slot] ?? 0, this.#deltas[slot] ?? 0)
  }

  protected override identitiesOf(slot: number): readonly SeriesIdentity[] {
    return [this.form.naming.gauge(this.keyOf(slot))]
  }

  protected override resize(slots: number): void {
    this.#absolutes = grow(this.#absolutes, new Float64Array(slots))
    this.#absoluteTimesMs = grow(this.#absoluteTimesMs, new Float64Array(slots))
    this.#deltas = grow(this.#deltas, new Float64Array(slots))
    this.#isOpenAbsolute = grow(this.#isOpenAbsolute, new Uint8Array(slots))
  }

  protected override begin(slot: number): void {
    this.#absolutes[slot] = 0
    this.#absoluteTimesMs[slot] = 0
    this.#deltas[slot] = 0
    this.#isOpenAbsolute[slot] = 0
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    const value = this.openValue(slot)
    this.#absolutes[slot] = value
    this.#isOpenAbsolute[slot] = 0
    this.#deltas[slot] = 0
    rows.push(slot, 0, value)
    if (rows.details?.areIdleGaugesWanted && !this.isUpdated(slot)) rows.details.idleGauge(this.keyOf(slot))
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    builder.gauge(id, this.#absolutes[slot] ?? 0, this.#absoluteTimesMs[slot] ?? 0, this.#deltas[slot] ?? 0)
  }

  /** A value carried over gives way to any of the open interval, for receive times go back when the clock is set back. */
  #isSuperseded(slot: number, part: GaugePart): boolean {
    const isNewer = part.absoluteTimeMs >= (this.#absoluteTimesMs[slot] ?? 0)
    return isNewer || (this.#isOpenAbsolute[slot] === 0 && !part.isLate)
  }
}
