import { grow } from '../lib/grow.ts'
import type { MetricName } from '../model/partial-aggregate.ts'
import { TIMER_KINDS, type TimerKind } from '../model/sample.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { FlushRows } from './flush-rows.ts'
import { MetricTable } from './metric-table.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'
import { BucketWeights } from './sketch/bucket-weights.ts'
import { TimerMetric } from './timer.ts'

/** Timers, each an object of its own: what it holds has no fixed size. */
export class TimerTable extends MetricTable {
  readonly #timers: (TimerMetric | undefined)[] = []
  /** Indexes into TIMER_KINDS. */
  #kinds = new Uint8Array(0)
  /** By slot, then by place: the series of the buckets that the timer ever had something in. */
  #bucketSeries: (Map<number, SeriesIdentity> | undefined)[] = []
  readonly #bucketWeights = new BucketWeights()

  override reform(form: SeriesForm): void {
    super.reform(form)
    this.#bucketSeries = []
    for (const slot of this.slots()) this.at(slot).reform(form.timer(this.keyOf(slot)))
  }

  at(slot: number): TimerMetric {
    const timer = this.#timers[slot]
    if (timer === undefined) throw new Error(`BUG: slot ${slot} has no timer`)
    return timer
  }

  override name(key: Uint8Array, kindIndex = 0): number {
    const slot = super.name(key)
    this.#kinds[slot] = kindIndex
    return slot
  }

  protected override claim(slot: number): void {
    this.#kinds[slot] = 0
  }

  protected override describe(slot: number): Pick<MetricName, 'timerKind'> {
    const timerKind = this.#kindOf(slot)
    return timerKind === 'timing' ? {} : { timerKind }
  }

  protected override identitiesOf(slot: number): readonly SeriesIdentity[] {
    return this.form.naming.timer(this.keyOf(slot), this.at(slot).layout)
  }

  protected override resize(slots: number): void {
    this.#kinds = grow(this.#kinds, new Uint8Array(slots))
  }

  protected override begin(slot: number): void {
    this.#timers[slot] = new TimerMetric(this.form.timer(this.keyOf(slot)))
  }

  protected override drop(slot: number): void {
    super.drop(slot)
    this.#timers[slot] = undefined
    if (slot in this.#bucketSeries) this.#bucketSeries[slot] = undefined
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    if (rows.areSketchesWanted) this.#flushSketch(slot, rows)
    if (rows.details !== undefined) this.at(slot).tell(this.keyOf(slot), this.#kindOf(slot), rows.details)
    this.at(slot).flush(slot, rows)
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    this.at(slot).save(id, builder)
  }

  #kindOf(slot: number): TimerKind {
    return TIMER_KINDS[this.#kinds[slot] ?? 0] ?? 'timing'
  }

  #flushSketch(slot: number, rows: FlushRows): void {
    const known = (this.#bucketSeries[slot] ??= new Map<number, SeriesIdentity>())
    this.at(slot).weigh(this.#bucketWeights)
    this.#bucketWeights.drain((place, weight) => {
      let identity = known.get(place)
      if (identity === undefined) {
        identity = this.form.naming.timerBucket(this.keyOf(slot), place)
        known.set(place, identity)
      }
      rows.pushBucket(identity, weight)
    })
  }
}
