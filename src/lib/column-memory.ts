import { type Column, grow, release } from './grow.ts'

export interface ColumnType<Kind extends Column> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): Kind
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): Kind
}

/** Where columns have their memory. Memory that was never written to costs nothing. */
export interface ColumnMemory {
  /** Full of zeros. */
  make<Kind extends Column>(type: ColumnType<Kind>, length: number): Kind
  /** The same with more room behind; `short` is not to be used any more. */
  grow<Kind extends Column>(short: Kind, length: number): Kind
  release(column: Column): void
  /** What is written between the two belongs together. */
  beginChange(): void
  endChange(): void
  /** What was read here before is not to be read any more. */
  retire(): void
}

/** That of one thread. */
export const ownMemory: ColumnMemory = {
  make: (type, length) => new type(length),
  grow: (short, length) => grow(short, new (typeOf(short))(length)),
  release,
  beginChange() {},
  endChange() {},
  retire() {},
}

/**
 * Memory that one thread writes to and others read, without waiting for each other: the writer counts when it begins and when it ends to change
 * something, and whoever has read looks whether that has stayed the same. Then it was so; otherwise nothing is known.
 *
 *   words   changes: odd while something is being changed
 *           layout: goes up whenever columns are others, or longer
 */
export class SharedColumnMemory implements ColumnMemory {
  readonly words = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  readonly #reservedBytes: number

  /** Addresses for each column, not memory: so long it can get where it is. */
  constructor(reservedBytes = 256 * 1024 * 1024) {
    this.#reservedBytes = reservedBytes
  }

  get layout(): number {
    return Atomics.load(this.words, LAYOUT)
  }

  make<Kind extends Column>(type: ColumnType<Kind>, length: number): Kind {
    const byteLength = length * type.BYTES_PER_ELEMENT
    const maxByteLength = Math.max(byteLength * 2, this.#reservedBytes)
    this.retire()
    return new type(new SharedArrayBuffer(byteLength, { maxByteLength }), 0, length)
  }

  /** Where it is, as long as that is possible: nothing is copied, and nothing left over for the collector, which does not see how large it is. */
  grow<Kind extends Column>(short: Kind, length: number): Kind {
    const type = typeOf(short)
    const byteLength = length * type.BYTES_PER_ELEMENT
    const { buffer } = short
    if (buffer instanceof SharedArrayBuffer && byteLength <= buffer.maxByteLength) {
      buffer.grow(byteLength)
      this.retire()
      return new type(buffer, 0, length)
    }
    const long = this.make(type, length)
    long.set(short)
    return long
  }

  /** It goes once nobody reads it. */
  release(): void {
    this.retire()
  }

  beginChange(): void {
    Atomics.add(this.words, CHANGES, 1)
  }

  endChange(): void {
    Atomics.add(this.words, CHANGES, 1)
  }

  retire(): void {
    Atomics.add(this.words, LAYOUT, 1)
  }
}

/** What reads it, in another thread: as long as the layout is the same, the columns that came with it are all there are. */
export class SharedColumnReader {
  readonly #words: Int32Array
  readonly #layout: number

  constructor(words: Int32Array, layout: number) {
    this.#words = words
    this.#layout = layout
  }

  /** Columns are others now. */
  get isOutdated(): boolean {
    return Atomics.load(this.#words, LAYOUT) !== this.#layout
  }

  /**
   * What `look` returns, if all that it read belongs together; undefined: something was changed meanwhile, or it threw. It has to end whatever
   * it reads, for that may be anything.
   */
  read<Found>(look: () => Found): Found | undefined {
    for (let turn = 0; turn < TURNS; turn++) {
      const before = Atomics.load(this.#words, CHANGES)
      if ((before & 1) !== 0) continue
      let found: Found
      try {
        found = look()
      } catch {
        return undefined
      }
      // Adding nothing: nothing that was read above is read after it.
      if (Atomics.add(this.#words, CHANGES, 0) === before) return this.isOutdated ? undefined : found
    }
    return undefined
  }
}

function typeOf<Kind extends Column>(column: Kind): ColumnType<Kind> {
  return column.constructor as ColumnType<Kind>
}

const CHANGES = 0
const LAYOUT = 1
const TURNS = 3
