import type { SeriesIdentity } from '../model/series-identity.ts'
import type { FlushRows } from './flush-rows.ts'
import { MetricTable } from './metric-table.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'
import { TimerMetric } from './timer.ts'

/** Timers, each an object of its own: what it holds has no fixed size. */
export class TimerTable extends MetricTable {
  readonly #timers: (TimerMetric | undefined)[] = []

  override reform(form: SeriesForm): void {
    super.reform(form)
    for (const slot of this.slots()) this.at(slot).reform(form.timer(this.keyOf(slot)))
  }

  at(slot: number): TimerMetric {
    const timer = this.#timers[slot]
    if (timer === undefined) throw new Error(`BUG: slot ${slot} has no timer`)
    return timer
  }

  protected override identitiesOf(slot: number): readonly SeriesIdentity[] {
    return this.form.naming.timer(this.keyOf(slot), this.at(slot).layout)
  }

  protected override resize(): void {}

  protected override begin(slot: number): void {
    this.#timers[slot] = new TimerMetric(this.form.timer(this.keyOf(slot)))
  }

  protected override drop(slot: number): void {
    super.drop(slot)
    this.#timers[slot] = undefined
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    this.at(slot).flush(slot, rows)
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    this.at(slot).save(id, builder)
  }
}
