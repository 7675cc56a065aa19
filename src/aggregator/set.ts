import type { SeriesKey } from '../model/series-key.ts'
import type { DetailRows } from './detail-rows.ts'
import type { PartialBuilder } from './partial-builder.ts'
import { HyperLogLog } from './sketch/hyper-log-log.ts'

/** A set: how many different members the interval had in all shards together. Idle, 0. */
export class SetMetric {
  /** That many members of an interval are kept as they are. When there are more, they are only counted, nearly. */
  exactMembers: number
  #members = new Set<string>()
  /** Has every member; then `#members` has none. */
  #counted: HyperLogLog | undefined

  constructor(exactMembers: number) {
    this.exactMembers = exactMembers
  }

  add(member: string): void {
    if (this.#counted !== undefined) this.#counted.add(member)
    else {
      this.#members.add(member)
      if (this.#members.size > this.exactMembers) this.#toCounted()
    }
  }

  /** Adds the members that these registers of a HyperLogLog speak for. */
  mergeRegisters(registers: Uint8Array): void {
    this.#toCounted().merge(registers)
  }

  /** Puts out its members, if it has any that are still known. Changes nothing. */
  tell(metricKey: SeriesKey, details: DetailRows): void {
    if (this.#members.size > 0) details.set(metricKey, this.#members)
  }

  /** How many there are. Begins the next interval. */
  takeCount(): number {
    const count = Math.round(this.#counted?.estimate() ?? this.#members.size)
    this.#counted = undefined
    if (this.#members.size > 0) this.#members = new Set()
    return count
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.#counted !== undefined) builder.setRegisters(id, this.#counted.registers)
    else if (this.#members.size > 0) builder.set(id, this.#members)
  }

  #toCounted(): HyperLogLog {
    if (this.#counted !== undefined) return this.#counted
    this.#counted = new HyperLogLog()
    for (const member of this.#members) this.#counted.add(member)
    this.#members = new Set()
    return this.#counted
  }
}
