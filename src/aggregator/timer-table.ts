import type { SeriesIdentity } from '../model/series-identity.ts'
import type { FlushRows } from './flush-rows.ts'
import { MetricTable, type MetricTableOptions } from './metric-table.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'
import { TimerMetric } from './timer.ts'

/** Timers, each an object of its own: what it holds has no fixed size. */
export class TimerTable extends MetricTable {
  #form: SeriesForm
  readonly #timers: (TimerMetric | undefined)[] = []
  /** Made when somebody asks. */
  #identities: (readonly SeriesIdentity[] | undefined)[] = []

  constructor(form: SeriesForm, options: MetricTableOptions) {
    super(options)
    this.#form = form
  }

  /** Says other things, or under other names, of the same values. */
  reform(form: SeriesForm): void {
    this.#form = form
    this.#identities = []
    for (const slot of this.slots()) this.at(slot).reform(form.timer(this.keyOf(slot)))
  }

  at(slot: number): TimerMetric {
    const timer = this.#timers[slot]
    if (timer === undefined) throw new Error(`BUG: slot ${slot} has no timer`)
    return timer
  }

  override identityOf(slot: number, column: number): SeriesIdentity {
    let identities = this.#identities[slot]
    if (identities === undefined) {
      identities = this.#form.naming.timer(this.keyOf(slot), this.at(slot).layout)
      this.#identities[slot] = identities
    }
    const identity = identities[column]
    if (identity === undefined) throw new Error(`BUG: timer ${this.keyOf(slot)} has no series ${column}`)
    return identity
  }

  protected override resize(): void {}

  protected override begin(slot: number): void {
    this.#timers[slot] = new TimerMetric(this.#form.timer(this.keyOf(slot)))
  }

  protected override drop(slot: number): void {
    this.#timers[slot] = undefined
    this.#identities[slot] = undefined
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    this.at(slot).flush(slot, rows)
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    this.at(slot).save(id, builder)
  }
}
