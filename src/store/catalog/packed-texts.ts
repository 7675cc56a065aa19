/** Many texts as a few: between threads, an object each would hold the thread that gives them for longer than finding them did. */
export interface PackedTexts {
  readonly chunks: readonly string[]
  readonly lengths: Uint32Array
}

export class TextPacker {
  readonly #chunks: string[] = []
  readonly #lengths: number[] = []
  #open: string[] = []

  get count(): number {
    return this.#lengths.length
  }

  add(text: string): void {
    this.#lengths.push(text.length)
    this.#open.push(text)
    if (this.#open.length === TEXTS_PER_CHUNK) this.#closeChunk()
  }

  finish(): PackedTexts {
    this.#closeChunk()
    return { chunks: this.#chunks, lengths: Uint32Array.from(this.#lengths) }
  }

  #closeChunk(): void {
    this.#chunks.push(this.#open.join(''))
    this.#open = []
  }
}

export function unpackTexts({ chunks, lengths }: PackedTexts): string[] {
  const texts: string[] = []
  for (const [place, chunk] of chunks.entries()) {
    const last = Math.min(lengths.length, (place + 1) * TEXTS_PER_CHUNK)
    for (let at = 0, index = place * TEXTS_PER_CHUNK; index < last; index++) {
      const end = at + (lengths[index] as number)
      texts.push(chunk.slice(at, end))
      at = end
    }
  }
  return texts
}

const TEXTS_PER_CHUNK = 512
