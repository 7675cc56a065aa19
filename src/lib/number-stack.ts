/**
 * Numbers from 0 to 2^32 - 1, of which the last one comes out first. However many there are, none is ever moved: an array of a million would be
 * copied into a larger one now and then, which holds up whoever puts the next one in for milliseconds.
 */
export class NumberStack {
  readonly #chunks: Uint32Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(number: number): void {
    const place = this.#length++ % CHUNK
    if (place === 0) this.#chunks.push(new Uint32Array(CHUNK))
    ;(this.#chunks.at(-1) as Uint32Array)[place] = number
  }

  /** undefined: there is none. */
  pop(): number | undefined {
    if (this.#length === 0) return undefined
    const place = --this.#length % CHUNK
    const number = (this.#chunks.at(-1) as Uint32Array)[place]
    if (place === 0) this.#chunks.pop()
    return number
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let index = 0; index < this.#length; index++)
      yield (this.#chunks[Math.floor(index / CHUNK)] as Uint32Array)[index % CHUNK] as number
  }
}

const CHUNK = 4_096
