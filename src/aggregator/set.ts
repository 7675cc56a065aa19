import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'
import type { PartialBuilder } from './partial-builder.ts'

/** A set: how many different members the interval had in all shards together. Idle, 0. */
export class SetMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  #identity: SeriesIdentity
  #members = new Set<string>()

  constructor(key: SeriesKey, identity: SeriesIdentity) {
    this.key = key
    this.#identity = identity
  }

  /** What it has been given stays. */
  rename(identity: SeriesIdentity): void {
    this.#identity = identity
  }

  merge(members: Iterable<string>): void {
    for (const member of members) this.#members.add(member)
  }

  flush(rows: FlushRows): void {
    rows.push(this.#identity, this.#members.size)
    if (this.#members.size > 0) this.#members = new Set()
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.isUpdated) builder.set(id, this.#members)
  }
}
