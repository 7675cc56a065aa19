import { release } from '../../lib/grow.ts'
import type { Columns } from './payloads.ts'

export type FlushColumns = Pick<Columns, 'numbers' | 'values'>

/**
 * Orders flushes by number. Every series has one value; where a flush names one twice, the last counts. One flush after the other has the same
 * numbers in the same array: then their order is known, and values go where those of the last flush were.
 */
export class FlushOrder {
  #numbers: Uint32Array = NONE
  /** Sorted, each once. Made again with the values. */
  #ordered: Uint32Array = NONE
  /** Where the value of each is; undefined: the numbers came in their order. */
  #positions: Uint32Array | undefined
  #values = new Float64Array(0)

  /** Valid until the next call. */
  columns(numbers: Uint32Array, values: Float64Array): FlushColumns {
    if (numbers !== this.#numbers) this.#learn(numbers)
    const positions = this.#positions
    if (positions === undefined) return { numbers, values }
    if (this.#values.length !== positions.length) {
      this.#values = new Float64Array(positions.length)
      this.#ordered = positions.map((position) => numbers[position] as number)
    }
    const ordered = this.#values
    for (let index = 0; index < positions.length; index++)
      ordered[index] = values[positions[index] as number] as number
    return { numbers: this.#ordered, values: ordered }
  }

  /** Gives back what columns were in. */
  giveBack(): void {
    if (this.#values.length === 0) return
    release(this.#values)
    release(this.#ordered)
    this.#values = new Float64Array(0)
    this.#ordered = NONE
  }

  #learn(numbers: Uint32Array): void {
    this.#numbers = numbers
    this.#positions = isAscending(numbers) ? undefined : orderOf(numbers)
    this.giveBack()
  }
}

/** Places of the numbers, sorted by them; of the same one the last. */
function orderOf(numbers: Uint32Array): Uint32Array {
  let highest = 0
  for (let place = 0; place < numbers.length; place++) highest = Math.max(highest, numbers[place] as number)
  const lastPlaces = new Int32Array(highest + 1).fill(-1)
  let count = 0
  for (let place = 0; place < numbers.length; place++) {
    const number = numbers[place] as number
    if (lastPlaces[number] === -1) count++
    lastPlaces[number] = place
  }
  const order = new Uint32Array(count)
  let next = 0
  for (const place of lastPlaces) if (place >= 0) order[next++] = place
  return order
}

function isAscending(numbers: Uint32Array): boolean {
  for (let index = 1; index < numbers.length; index++)
    if ((numbers[index - 1] as number) >= (numbers[index] as number)) return false
  return true
}

const NONE = new Uint32Array(0)
