import { grow, roomFor } from '../../lib/grow.ts'
import type { KeyRoom } from '../../lib/key-table.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { NameTable } from './name-table.ts'
import { TagIndex } from './tag-index.ts'

/** The keys of tagged series: each a number, which leads to its row, and an ordinal in the index of its tags. */
export class TaggedKeys {
  readonly index = new TagIndex()
  readonly #keys: NameTable
  /** By number of the key: its row, and its ordinal. */
  #rows: Uint32Array
  #ordinals: Uint32Array
  /** By ordinal. The number may be another key's now, which has another ordinal. */
  #numbers: Uint32Array

  constructor(room?: KeyRoom) {
    const keys = roomFor(room?.keys ?? 0)
    this.#keys = new NameTable(room)
    this.#rows = new Uint32Array(keys)
    this.#ordinals = new Uint32Array(keys)
    this.#numbers = new Uint32Array(keys)
  }

  get room(): KeyRoom {
    return this.#keys.room
  }

  get size(): number {
    return this.#keys.size
  }

  /** Its number. It is not among them. */
  add(key: SeriesKey, row: number): number {
    const number = this.#keys.use(key)
    if (number >= this.#rows.length) {
      this.#rows = grow(this.#rows, new Uint32Array(this.#rows.length * 2))
      this.#ordinals = grow(this.#ordinals, new Uint32Array(this.#ordinals.length * 2))
    }
    const ordinal = this.index.add(key)
    if (ordinal >= this.#numbers.length)
      this.#numbers = grow(this.#numbers, new Uint32Array(this.#numbers.length * 2))
    this.#rows[number] = row
    this.#ordinals[number] = ordinal
    this.#numbers[ordinal] = number
    return number
  }

  remove(number: number): void {
    this.index.remove(this.#keys.text(number))
    this.#ordinals[number] = NO_ORDINAL
    this.#keys.release(number)
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [...this.index.columns, ...this.#keys.columns, this.#rows, this.#ordinals, this.#numbers]
  }

  /** Whether a key may begin with another text, given in UTF-8; most of those that do not are told apart. */
  mayBeginWith(number: number, prefix: Uint8Array): boolean {
    return this.#keys.mayBeginWith(number, prefix)
  }

  text(number: number): SeriesKey {
    return this.#keys.text(number)
  }

  /** -1: it is not among them. */
  rowOf(key: SeriesKey): number {
    const number = this.#keys.find(key)
    return number < 0 ? -1 : (this.#rows[number] as number)
  }

  /** Number of the key with that ordinal; -1: it has gone. */
  numberAt(ordinal: number): number {
    const number = this.#numbers[ordinal] as number
    return this.#ordinals[number] === ordinal ? number : -1
  }

  rowAt(number: number): number {
    return this.#rows[number] as number
  }
}

const NO_ORDINAL = 0xffff_ffff
