import { grow } from './grow.ts'

/**
 * Knows the numbers of objects that come again and again in nearly the same order, as the series of one flush after the
 * other: each number remembers who had it last, and which came behind it last. An object in its usual place costs one comparison.
 */
export class ExpectedOrder<Item extends object> {
  /** By number. */
  readonly #items: (Item | undefined)[] = []
  #following = new Uint32Array(FIRST_NUMBERS)
  #last = 0

  /** The number of an item that comes where it came before; -1: it has to be looked up, and told by `learn`. */
  next(item: Item): number {
    const number = this.#following[this.#last] as number
    if (this.#items[number] !== item) return -1
    this.#last = number
    return number
  }

  /** The item that came just now has this number. */
  learn(item: Item, number: number): void {
    while (this.#items.length < number) this.#items.push(undefined)
    this.#items[number] = item
    const furthest = Math.max(number, this.#last)
    if (furthest >= this.#following.length)
      this.#following = grow(this.#following, new Uint32Array(2 ** Math.ceil(Math.log2(furthest + 1))))
    this.#following[this.#last] = number
    this.#last = number
  }

  /** The number is nobody's any more. */
  forget(number: number): void {
    if (number < this.#items.length) this.#items[number] = undefined
  }

  /** Holds no object any more. */
  clear(): void {
    this.#items.length = 0
  }
}

const FIRST_NUMBERS = 256
