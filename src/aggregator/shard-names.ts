import { METRIC_TYPES } from '../model/sample.ts'
import { kindIndexOf, type NameColumns, typeIndexOf } from '../model/partial-aggregate.ts'
import { grow } from '../lib/grow.ts'
import type { MetricTable } from './metric-table.ts'

/** What the ids of one shard mean: each a slot in the table of one type. */
export class ShardNames {
  /** Tables by METRIC_TYPES. */
  readonly #tables: readonly MetricTable[]
  #types = new Uint8Array(FIRST_IDS).fill(NO_TYPE)
  #slots = new Uint32Array(FIRST_IDS)

  constructor(tables: readonly MetricTable[]) {
    this.#tables = tables
  }

  introduce({ ids, types, keyEnds, keyBytes }: NameColumns): void {
    let start = 0
    for (let row = 0; row < ids.length; row++) {
      const end = keyEnds[row] ?? start
      this.#mean(ids[row] ?? 0, types[row] ?? NO_TYPE, keyBytes.subarray(start, end))
      start = end
    }
  }

  /** The slot that an id means; -1 if it has not been introduced, or is of another type. */
  slot(id: number, type: number): number {
    return this.#types[id] === type ? (this.#slots[id] ?? 0) : -1
  }

  /** Nothing is meant any more. */
  forget(): void {
    for (let id = 0; id < this.#types.length; id++) this.#unmean(id)
  }

  #mean(id: number, typeCode: number, key: Uint8Array): void {
    const type = typeIndexOf(typeCode)
    const table = this.#tables[type]
    if (table === undefined || METRIC_TYPES[type] === undefined) return
    if (id >= this.#types.length) this.#growTo(id)
    // First the new one: if it is the same, it is never nobody's.
    const slot = table.name(key, kindIndexOf(typeCode))
    this.#unmean(id)
    this.#types[id] = type
    this.#slots[id] = slot
  }

  #unmean(id: number): void {
    this.#tables[this.#types[id] ?? NO_TYPE]?.unname(this.#slots[id] ?? 0)
    this.#types[id] = NO_TYPE
  }

  #growTo(id: number): void {
    const ids = Math.max(this.#types.length * 2, id + 1)
    this.#types = grow(this.#types, new Uint8Array(ids).fill(NO_TYPE))
    this.#slots = grow(this.#slots, new Uint32Array(ids))
  }
}

const NO_TYPE = 255
const FIRST_IDS = 64
