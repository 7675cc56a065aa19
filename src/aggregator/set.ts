import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'
import type { PartialBuilder } from './partial-builder.ts'
import { HyperLogLog } from './sketch/hyper-log-log.ts'

export interface SetOptions {
  readonly identity: SeriesIdentity
  /** That many members of an interval are kept as they are. When there are more, they are only counted, nearly. */
  readonly exactMembers: number
}

/** A set: how many different members the interval had in all shards together. Idle, 0. */
export class SetMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  #identity: SeriesIdentity
  #exactMembers: number
  #members = new Set<string>()
  /** Has every member; then `#members` has none. */
  #counted: HyperLogLog | undefined

  constructor(key: SeriesKey, { identity, exactMembers }: SetOptions) {
    this.key = key
    this.#identity = identity
    this.#exactMembers = exactMembers
  }

  /** Says the same under another name. A bound that was passed stays so until the next interval. */
  rename({ identity, exactMembers }: SetOptions): void {
    this.#identity = identity
    this.#exactMembers = exactMembers
  }

  add(member: string): void {
    if (this.#counted !== undefined) this.#counted.add(member)
    else {
      this.#members.add(member)
      if (this.#members.size > this.#exactMembers) this.#toCounted()
    }
  }

  /** Adds the members that these registers of a HyperLogLog speak for. */
  mergeRegisters(registers: Uint8Array): void {
    this.#toCounted().merge(registers)
  }

  flush(rows: FlushRows): void {
    rows.push(this.#identity, Math.round(this.#counted?.estimate() ?? this.#members.size))
    this.#counted = undefined
    if (this.#members.size > 0) this.#members = new Set()
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.#counted !== undefined) builder.setRegisters(id, this.#counted.registers)
    else if (this.isUpdated) builder.set(id, this.#members)
  }

  #toCounted(): HyperLogLog {
    if (this.#counted !== undefined) return this.#counted
    this.#counted = new HyperLogLog()
    for (const member of this.#members) this.#counted.add(member)
    this.#members = new Set()
    return this.#counted
  }
}
