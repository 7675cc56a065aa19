import type { SeriesIdentity } from '../model/series-identity.ts'
import type { FlushRows } from './flush-rows.ts'
import { MetricTable } from './metric-table.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'
import { SetMetric } from './set.ts'

/** Sets, each an object of its own: what it holds has no fixed size. */
export class SetTable extends MetricTable {
  readonly #sets: (SetMetric | undefined)[] = []

  override reform(form: SeriesForm): void {
    super.reform(form)
    for (const slot of this.slots()) this.at(slot).exactMembers = form.setExactMembers
  }

  at(slot: number): SetMetric {
    const set = this.#sets[slot]
    if (set === undefined) throw new Error(`BUG: slot ${slot} has no set`)
    return set
  }

  protected override identitiesOf(slot: number): readonly SeriesIdentity[] {
    return [this.form.naming.set(this.keyOf(slot))]
  }

  protected override resize(): void {}

  protected override begin(slot: number): void {
    this.#sets[slot] = new SetMetric(this.form.setExactMembers)
  }

  protected override drop(slot: number): void {
    super.drop(slot)
    this.#sets[slot] = undefined
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    if (rows.details !== undefined) this.at(slot).tell(this.keyOf(slot), rows.details)
    rows.push(slot, 0, this.at(slot).takeCount())
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    this.at(slot).save(id, builder)
  }
}
