import type { SeriesIdentity } from '../model/series-identity.ts'
import { addSaturating } from './add-saturating.ts'
import type { FlushRows } from './flush-rows.ts'
import { grow } from '../lib/grow.ts'
import { MetricTable } from './metric-table.ts'
import type { PartialBuilder } from './partial-builder.ts'

/** Counters: of each the sum of all shards, per second and, if wanted, as it is. Idle, both are 0. */
export class CounterTable extends MetricTable {
  #sums = new Float64Array(0)

  add(slot: number, sum: number): void {
    this.#sums[slot] = addSaturating(this.openValue(slot), sum)
  }

  /** The sum of the open interval. */
  openValue(slot: number): number {
    return this.#sums[slot] ?? 0
  }

  protected override identitiesOf(slot: number): readonly SeriesIdentity[] {
    const { rate, count } = this.form.naming.counter(this.keyOf(slot))
    return [rate, count]
  }

  protected override resize(slots: number): void {
    this.#sums = grow(this.#sums, new Float64Array(slots))
  }

  protected override begin(slot: number): void {
    this.#sums[slot] = 0
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    const sum = this.openValue(slot)
    rows.push(slot, RATE, sum / rows.intervalSeconds)
    if (this.form.hasCounts) rows.push(slot, COUNT, sum)
    this.#sums[slot] = 0
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    if (this.isUpdated(slot)) builder.counter(id, this.openValue(slot))
  }
}

const RATE = 0
const COUNT = 1
