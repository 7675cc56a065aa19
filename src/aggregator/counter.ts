import type { SeriesKey } from '../model/series-key.ts'
import { addSaturating } from './add-saturating.ts'
import type { FlushRows, Metric } from './metric.ts'
import type { CounterIdentities } from './naming.ts'
import type { PartialBuilder } from './partial-builder.ts'

/** A counter: the sum of all shards per second and, if wanted, as it is. Idle, both are 0. */
export class CounterMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  #identities: CounterIdentities
  #hasCount: boolean
  #sum = 0

  constructor(key: SeriesKey, identities: CounterIdentities, hasCount: boolean) {
    this.key = key
    this.#identities = identities
    this.#hasCount = hasCount
  }

  /** What it has been given stays. */
  rename(identities: CounterIdentities, hasCount: boolean): void {
    this.#identities = identities
    this.#hasCount = hasCount
  }

  merge(sum: number): void {
    this.#sum = addSaturating(this.#sum, sum)
  }

  /** The sum of the open interval. */
  get openValue(): number {
    return this.#sum
  }

  flush(rows: FlushRows): void {
    rows.push(this.#identities.rate, this.#sum / rows.intervalSeconds)
    if (this.#hasCount) rows.push(this.#identities.count, this.#sum)
    this.#sum = 0
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.isUpdated) builder.counter(id, this.#sum)
  }
}
