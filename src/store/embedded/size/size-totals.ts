import type { SizesQuestion, StoredSizes } from '../../sizes.ts'
import type { TakeSize } from './block-sizes.ts'

/** Adds up what is found in files, by child. */
export class SizeTotals {
  readonly #places: ReadonlyMap<string, number>
  /** By place, the others last. */
  readonly #points: Float64Array
  readonly #slots: Float64Array
  readonly #bytes: Float64Array

  constructor({ children }: SizesQuestion) {
    this.#places = new Map(children.map((path, place) => [path, place]))
    this.#points = new Float64Array(children.length + 1)
    this.#slots = new Float64Array(children.length + 1)
    this.#bytes = new Float64Array(children.length + 1)
  }

  /** For points as they came. */
  readonly takePoints: TakeSize = (path, points, bytes) => this.#add(this.#points, path, points, bytes)
  /** For the slots of a tier: only one of its columns says how many there are. */
  readonly takeSlots: TakeSize = (path, slots, bytes) => this.#add(this.#slots, path, slots, bytes)
  readonly takeBytes: TakeSize = (path, _, bytes) => this.#add(this.#slots, path, 0, bytes)

  finish(): StoredSizes {
    const sizes = Array.from(this.#points, (points, place) => ({
      points,
      slots: this.#slots[place] as number,
      bytes: Math.round(this.#bytes[place] as number),
    }))
    return { ofChildren: sizes.slice(0, -1), others: sizes.at(-1) ?? { points: 0, slots: 0, bytes: 0 } }
  }

  #add(column: Float64Array, path: string, count: number, bytes: number): void {
    const place = this.#places.get(path) ?? column.length - 1
    column[place] = (column[place] as number) + count
    this.#bytes[place] = (this.#bytes[place] as number) + bytes
  }
}
