import type { SeriesIdentity } from '../model/series-identity.ts'
import { addSaturating } from './add-saturating.ts'
import type { FlushRows } from './flush-rows.ts'
import { grow } from './grow.ts'
import { MetricTable, type MetricTableOptions } from './metric-table.ts'
import type { CounterIdentities } from './naming.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { SeriesForm } from './series-form.ts'

/** Counters: of each the sum of all shards, per second and, if wanted, as it is. Idle, both are 0. */
export class CounterTable extends MetricTable {
  #form: SeriesForm
  #sums = new Float64Array(0)
  /** Made when somebody asks. */
  #identities: (CounterIdentities | undefined)[] = []

  constructor(form: SeriesForm, options: MetricTableOptions) {
    super(options)
    this.#form = form
  }

  /** Other names for the same counters. */
  reform(form: SeriesForm): void {
    this.#form = form
    this.#identities = []
  }

  add(slot: number, sum: number): void {
    this.#sums[slot] = addSaturating(this.openValue(slot), sum)
  }

  /** The sum of the open interval. */
  openValue(slot: number): number {
    return this.#sums[slot] ?? 0
  }

  override identityOf(slot: number, column: number): SeriesIdentity {
    let identities = this.#identities[slot]
    if (identities === undefined) {
      identities = this.#form.naming.counter(this.keyOf(slot))
      this.#identities[slot] = identities
    }
    return column === RATE ? identities.rate : identities.count
  }

  protected override resize(slots: number): void {
    this.#sums = grow(this.#sums, new Float64Array(slots))
  }

  protected override begin(slot: number): void {
    this.#sums[slot] = 0
  }

  protected override drop(slot: number): void {
    if (slot in this.#identities) this.#identities[slot] = undefined
  }

  protected override flushSlot(slot: number, rows: FlushRows): void {
    const sum = this.openValue(slot)
    rows.push(slot, RATE, sum / rows.intervalSeconds)
    if (this.#form.hasCounts) rows.push(slot, COUNT, sum)
    this.#sums[slot] = 0
  }

  protected override saveSlot(slot: number, id: number, builder: PartialBuilder): void {
    if (this.isUpdated(slot)) builder.counter(id, this.openValue(slot))
  }
}

const RATE = 0
const COUNT = 1
