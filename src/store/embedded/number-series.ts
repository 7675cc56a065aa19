import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import { isSameIdentity, type SeriesEntry } from './series-entry.ts'
import type { SeriesTable } from './series-table.ts'

export interface NumberedSeries {
  readonly numbers: Uint32Array
  /** Series that the segment does not know yet, or knows otherwise: to be written before the numbers are used. */
  readonly introduced: readonly SeriesEntry[]
}

/**
 * Gives series their numbers in one segment. The table learns of new ones when they are written; until then nothing
 * here is final, so that a write that fails leaves no trace.
 */
export class SeriesNumbers {
  readonly #table: SeriesTable
  /** The fast path: identities are the same objects from flush to flush. */
  readonly #numbers = new WeakMap<SeriesIdentity, number>()
  #nextNumber = 0

  constructor(table: SeriesTable) {
    this.#table = table
  }

  numberAll(series: readonly SeriesIdentity[]): NumberedSeries {
    const numbers = new Uint32Array(series.length)
    const introduced = new Map<SeriesKey, SeriesEntry>()
    this.#nextNumber = this.#table.rows.length
    for (let index = 0; index < series.length; index++) {
      const identity = series[index]
      if (identity === undefined) continue
      numbers[index] = this.#numbers.get(identity) ?? this.#look(identity, introduced)
    }
    return { numbers, introduced: [...introduced.values()] }
  }

  /** For keys whose identity does not matter. */
  numberKeys(keys: readonly SeriesKey[]): NumberedSeries {
    const rows = this.#table.rows
    return this.numberAll(
      keys.map((key) => rows[this.#table.numberOf(key) ?? -1]?.identity ?? untypedIdentity(key)),
    )
  }

  /** What `numberAll` answered has been written. */
  confirm(series: readonly SeriesIdentity[], { numbers }: NumberedSeries): void {
    for (let index = 0; index < series.length; index++) {
      const identity = series[index]
      if (identity !== undefined) this.#numbers.set(identity, numbers[index] ?? 0)
    }
  }

  #look(identity: SeriesIdentity, introduced: Map<SeriesKey, SeriesEntry>): number {
    const { key } = identity
    const pending = introduced.get(key)
    const written = this.#table.numberOf(key)
    const number = pending?.number ?? written ?? this.#nextNumber++
    const known =
      pending?.identity ?? (written === undefined ? undefined : this.#table.rows[written]?.identity)
    if (known === undefined || !isSameIdentity(known, identity)) introduced.set(key, { number, identity })
    return number
  }
}
