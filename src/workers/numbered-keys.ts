import { KeyTable } from '../lib/key-table.ts'
import { release } from '../lib/grow.ts'
import type { SeriesKey } from '../model/series-key.ts'
import { POINT_TYPES, type PointType } from './point-identities.ts'

/**
 * Numbers series, from 0 on, which are slots of a table, so that a million of them are a few columns and no strings. An untyped series is its
 * key there; behind the key of another stands what it is, after a byte that UTF-8 does not have.
 */
export class NumberedKeys {
  #table = new KeyTable()
  #text = Buffer.alloc(FIRST_TEXT_BYTES)

  /** Another one after `clear`. */
  get table(): KeyTable {
    return this.#table
  }

  get count(): number {
    return this.#table.slotLimit
  }

  /** The number of a series, given to it now if it has none; -1: it has none, and there are `most` already. */
  use(key: SeriesKey, type: PointType, most: number): number {
    // No character takes more.
    const mostBytes = key.length * 3 + 2
    if (mostBytes > this.#text.length) this.#text = Buffer.alloc(mostBytes)
    let length = this.#text.write(key, 0, 'utf8')
    if (type !== 'untyped') {
      this.#text[length++] = NO_UTF8
      this.#text[length++] = POINT_TYPES.indexOf(type)
    }
    const text = this.#text.subarray(0, length)
    return this.count < most ? this.#table.use(text) : this.#table.find(text)
  }

  keysFrom(first: number): SeriesKey[] {
    return Array.from({ length: this.count - first }, (_, index) => {
      const number = first + index
      if (this.#typeOf(number) === 'untyped') return this.#table.key(number)
      return Buffer.from(this.#table.bytes(number).subarray(0, -2)).toString('utf8')
    })
  }

  typesFrom(first: number): PointType[] {
    return Array.from({ length: this.count - first }, (_, index) => this.#typeOf(first + index))
  }

  /** Numbers are given anew. */
  clear(): void {
    for (const column of this.#table.columns) release(column)
    this.#table = new KeyTable()
  }

  #typeOf(number: number): PointType {
    const bytes = this.#table.bytes(number)
    if (bytes[bytes.length - 2] !== NO_UTF8) return 'untyped'
    return POINT_TYPES[bytes[bytes.length - 1] ?? 0] ?? 'untyped'
  }
}

const FIRST_TEXT_BYTES = 1_024
const NO_UTF8 = 0xff
