import { grow, roomFor } from './grow.ts'
import type { Slices } from './slices.ts'

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
    this.#growTo(Math.max(number, this.#last))
    this.#following[this.#last] = number
    this.#last = number
  }

  /** The number is nobody's any more. */
  forget(number: number): void {
    if (number < this.#items.length) this.#items[number] = undefined
  }

  /**
   * The same with other numbers; `numberOf` says which, -1 for none. What is learned meanwhile is not always in it, and is
   * looked up once more then.
   */
  *renumbered(numberOf: (number: number) => number): Slices<ExpectedOrder<Item>> {
    const order = new ExpectedOrder<Item>()
    for (let number = 0; number < this.#items.length; number++) {
      if (number % NUMBERS_IN_A_SLICE === NUMBERS_IN_A_SLICE - 1) yield
      const item = this.#items[number]
      const now = numberOf(number)
      if (item === undefined || now < 0) continue
      order.#last = now
      order.learn(item, now)
      const following = numberOf(this.#following[number] as number)
      if (following >= 0) order.#expect(now, following)
    }
    const last = numberOf(this.#last)
    order.#last = last < 0 ? 0 : last
    return order
  }

  #expect(number: number, following: number): void {
    this.#growTo(number)
    this.#following[number] = following
  }

  #growTo(number: number): void {
    if (number < this.#following.length) return
    this.#following = grow(this.#following, new Uint32Array(roomFor(number)))
  }

  /** Holds no object any more. */
  clear(): void {
    this.#items.length = 0
  }
}

const FIRST_NUMBERS = 256
const NUMBERS_IN_A_SLICE = 64
