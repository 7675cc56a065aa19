import { grow } from '../../lib/grow.ts'
import type { Slices } from '../../lib/slices.ts'

/**
 * Lists of growing numbers, many short ones and some very long, in one array. A list is a chain of chunks, each twice as long as the one
 * before, up to a bound; the last cell of a chunk says where the next one is.
 *
 *   list 0   1 4 ->  . . 7 8 9 12 ->  . . 15 _ _ _ _ _ _ _
 */
export class Postings {
  #cells = new Uint32Array(1 << 10)
  #end = 0
  #firsts = new Uint32Array(FIRST_LISTS)
  /** Where the next number goes. */
  #tails = new Uint32Array(FIRST_LISTS)
  #counts = new Uint32Array(FIRST_LISTS)

  countOf(list: number): number {
    return this.#counts[list] ?? 0
  }

  /** The number is larger than all in the list. */
  add(list: number, number: number): void {
    if (list >= this.#counts.length) this.#growLists(list)
    const count = this.#counts[list] as number
    const size = sizeOfChunkFrom(count)
    let tail = this.#tails[list] as number
    if (size > 0) {
      const chunk = this.#newChunk(size)
      // The tail of a full chunk is the cell that leads on.
      if (count === 0) this.#firsts[list] = chunk
      else this.#cells[tail] = chunk
      tail = chunk
    }
    this.#cells[tail] = number
    this.#tails[list] = tail + 1
    this.#counts[list] = count + 1
  }

  /** Sets the bit of each number of the list; those that have no bit come later than whoever asks. */
  *mark(list: number, bits: Uint32Array): Slices<void> {
    yield* this.#walk(list, (cells, from, to) => {
      for (let cell = from; cell < to; cell++) {
        const number = cells[cell] as number
        const word = number >>> 5
        if (word < bits.length) bits[word] = (bits[word] as number) | (1 << (number & 31))
      }
    })
  }

  /** How many numbers of the list have their bit set. */
  *countIn(list: number, bits: Uint32Array): Slices<number> {
    let count = 0
    yield* this.#walk(list, (cells, from, to) => {
      for (let cell = from; cell < to; cell++) {
        const number = cells[cell] as number
        count += ((bits[number >>> 5] ?? 0) >>> (number & 31)) & 1
      }
    })
    return count
  }

  /** All that it has memory in, to be released by who lets go of it. */
  get columns(): readonly ArrayBufferView[] {
    return [this.#cells, this.#firsts, this.#tails, this.#counts]
  }

  *#walk(list: number, look: (cells: Uint32Array, from: number, to: number) => void): Slices<void> {
    let left = this.countOf(list)
    let at = this.#firsts[list] as number
    let looked = 0
    for (let size = FIRST_CHUNK; left > 0; size = Math.min(size * 2, LAST_CHUNK)) {
      // Between two slices others may come, and the array be another.
      const cells = this.#cells
      const end = at + Math.min(left, size)
      look(cells, at, end)
      left -= end - at
      at = cells[at + size] as number
      looked += size
      if (looked < NUMBERS_IN_A_SLICE) continue
      looked = 0
      yield
    }
  }

  #newChunk(size: number): number {
    const chunk = this.#end
    this.#end += size + 1
    if (this.#end > this.#cells.length)
      this.#cells = grow(this.#cells, new Uint32Array(this.#cells.length * 2))
    return chunk
  }

  #growLists(list: number): void {
    const lists = 2 ** Math.ceil(Math.log2(list + 1))
    this.#firsts = grow(this.#firsts, new Uint32Array(lists))
    this.#tails = grow(this.#tails, new Uint32Array(lists))
    this.#counts = grow(this.#counts, new Uint32Array(lists))
  }
}

const FIRST_LISTS = 256
const FIRST_CHUNK = 2
const LAST_CHUNK = 1_024
/** Of all chunks before the first of the longest. */
const COUNT_BEFORE_LAST = LAST_CHUNK - FIRST_CHUNK
const NUMBERS_IN_A_SLICE = 1 << 15

/** How long the chunk is that a list of so many begins next; 0: there is room in the one it has. */
function sizeOfChunkFrom(count: number): number {
  if (count >= COUNT_BEFORE_LAST) return (count - COUNT_BEFORE_LAST) % LAST_CHUNK === 0 ? LAST_CHUNK : 0
  const size = count + FIRST_CHUNK
  return (size & (size - 1)) === 0 ? size : 0
}
