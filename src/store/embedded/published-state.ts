/**
 * What the writer tells readers, in memory that all threads share:
 *
 *   0  number of the segment being written << 32 | how many of its bytes are good to read
 *   1  how many times files were dropped or took the place of others; a change means that the directories list otherwise
 *   2  points before this time are no longer kept, although a file may still hold some
 *
 * Number and length are one word, so that no reader sees the length of one segment with the number of another.
 */
export class PublishedState {
  readonly buffer: SharedArrayBuffer
  readonly #words: BigInt64Array

  constructor(buffer = new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new BigInt64Array(buffer)
  }

  publish({ number, lengthBytes }: WriteEnd): void {
    Atomics.store(this.#words, END, (BigInt(number) << 32n) | BigInt(lengthBytes))
  }

  get end(): WriteEnd {
    const word = Atomics.load(this.#words, END)
    return { number: Number(word >> 32n), lengthBytes: Number(word & 0xffff_ffffn) }
  }

  drop(keptFromMs: number): void {
    Atomics.store(this.#words, KEPT_FROM, BigInt(Math.trunc(keptFromMs)))
    Atomics.add(this.#words, DROPS, 1n)
  }

  /** A block has taken the place of other files. */
  replace(): void {
    Atomics.add(this.#words, DROPS, 1n)
  }

  get dropCount(): number {
    return Number(Atomics.load(this.#words, DROPS))
  }

  get keptFromMs(): number {
    return Number(Atomics.load(this.#words, KEPT_FROM))
  }
}

/** The end of the log. Segments with lower numbers are read to the end of their files. */
export interface WriteEnd {
  readonly number: number
  readonly lengthBytes: number
}

const END = 0
const DROPS = 1
const KEPT_FROM = 2

/** What another thread needs to read the log. Can be posted as it is. */
export interface SharedLog {
  readonly kind: 'embedded'
  readonly logPath: string
  readonly blocksPath: string
  readonly state: SharedArrayBuffer
}

export function isSharedLog(shared: unknown): shared is SharedLog {
  return (
    typeof shared === 'object' &&
    shared !== null &&
    'kind' in shared &&
    shared.kind === 'embedded' &&
    'logPath' in shared &&
    'blocksPath' in shared &&
    'state' in shared &&
    shared.state instanceof SharedArrayBuffer
  )
}
