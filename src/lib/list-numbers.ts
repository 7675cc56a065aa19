import { release } from './grow.ts'
import type { Slices } from './slices.ts'

/**
 * Knows the numbers of the objects of a list, and of the next one, which is nearly the same: what was in the list before, in the same order, keeps
 * its number, and the others are looked up. A list is never changed, so that the same array says the same.
 */
export class ListNumbers<Item extends object> {
  #list: readonly Item[] = []
  #numbers = new Uint32Array(0)
  /** Numbers of the list that may be another's by now. */
  #forgotten = new Set<number>()
  /** Goes up when all of them may be. */
  #generation = 0

  /** The number is nobody's any more, or another's. */
  forget(number: number): void {
    if (this.#forgotten.size === MOST_FORGOTTEN) this.clear()
    this.#forgotten.add(number)
  }

  /** All of them are others now. */
  clear(): void {
    this.#generation++
    this.#list = []
    this.#numbers = new Uint32Array(0)
    this.#forgotten.clear()
  }

  /**
   * The number of each item; the array is not to be written to, and good until another list is followed. `use` is told each number at once, as
   * it is true then: it may be forgotten before the next slice.
   */
  *follow(
    list: readonly Item[],
    look: (item: Item) => number,
    use?: (number: number) => void,
  ): Slices<Uint32Array> {
    const known = this.#numbers
    const isSame = list === this.#list
    const forgotten = this.#forgotten
    if (isSame && use === undefined && forgotten.size === 0) return known
    const generation = this.#generation
    const numbers = isSame ? known : new Uint32Array(list.length)
    const before = new PlacesBefore(this.#list)
    this.#forgotten = new Set()
    let isDone = false
    try {
      for (let start = 0; start < list.length; start += ITEMS_IN_A_SLICE) {
        const isKnown = generation === this.#generation
        const end = Math.min(start + ITEMS_IN_A_SLICE, list.length)
        for (let index = start; index < end; index++) {
          const item = list[index] as Item
          const place = isKnown ? (isSame ? index : before.next(item)) : -1
          let number = place < 0 ? -1 : (known[place] as number)
          if (number < 0 || forgotten.has(number) || this.#forgotten.has(number)) number = look(item)
          numbers[index] = number
          use?.(number)
        }
        yield
      }
      isDone = true
    } finally {
      if (!isDone) for (const number of forgotten) this.forget(number)
    }
    if (generation !== this.#generation) return numbers
    if (!isSame) release(known)
    this.#list = list
    this.#numbers = numbers
    return numbers
  }
}

/** Where items are in a list, asked for in their order. */
class PlacesBefore<Item extends object> {
  readonly #list: readonly Item[]
  /** Behind the last one that was found. */
  #next = 0
  #missed = 0
  /** Of those from there on; made once many are not where they were. */
  #places: Map<Item, number> | undefined

  constructor(list: readonly Item[]) {
    this.#list = list
  }

  /** -1: it is not there, or nobody knows. */
  next(item: Item): number {
    const list = this.#list
    const end = Math.min(this.#next + NEAR, list.length)
    for (let place = this.#next; place < end; place++) if (list[place] === item) return this.#found(place)
    if (this.#next === list.length || ++this.#missed < MANY) return -1
    const place = this.#placesFrom(this.#next).get(item)
    return place === undefined ? -1 : this.#found(place)
  }

  #found(place: number): number {
    this.#next = place + 1
    this.#missed = 0
    return place
  }

  #placesFrom(start: number): Map<Item, number> {
    if (this.#places !== undefined) return this.#places
    const places = new Map<Item, number>()
    for (let place = start; place < this.#list.length; place++) places.set(this.#list[place] as Item, place)
    this.#places = places
    return places
  }
}

/** Those that have to be looked up take some microseconds each. */
const ITEMS_IN_A_SLICE = 256
/** So many gone ones in a row are stepped over. */
const NEAR = 32
const MANY = 256
const MOST_FORGOTTEN = 10_000
