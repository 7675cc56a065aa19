import { KeyTable } from '../lib/key-table.ts'
import { release } from '../lib/grow.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { POINT_TYPES, type PointType } from './point-identities.ts'

/**
 * Numbers series, from 0 on. What one is and its key are one key of a table, in UTF-8, so that a million series are a few columns and no
 * strings.
 */
export class NumberedKeys {
  #table = new KeyTable()
  /** A byte for what it is, and the key. */
  #text = Buffer.alloc(FIRST_TEXT_BYTES)

  get count(): number {
    return this.#table.slotLimit
  }

  /** The number of a series, given to it now if it has none; -1: it has none, and there are `most` already. */
  use(key: SeriesKey, type: PointType, most: number): number {
    // No character takes more.
    if (1 + key.length * 3 > this.#text.length) this.#text = Buffer.alloc(1 + key.length * 3)
    this.#text[0] = POINT_TYPES.indexOf(type)
    const text = this.#text.subarray(0, 1 + this.#text.write(key, 1, 'utf8'))
    if (this.count < most) return this.#table.use(text)
    return this.#table.find(text)
  }

  keysFrom(first: number): SeriesKey[] {
    return Array.from({ length: this.count - first }, (_, index) => this.#table.key(first + index).slice(1))
  }

  typesFrom(first: number): PointType[] {
    return Array.from(
      { length: this.count - first },
      (_, index) => POINT_TYPES[this.#table.bytes(first + index)[0] ?? 0] ?? 'untyped',
    )
  }

  /** Numbers are given anew. */
  clear(): void {
    for (const column of this.#table.columns) release(column)
    this.#table = new KeyTable()
  }
}

const FIRST_TEXT_BYTES = 1_024
