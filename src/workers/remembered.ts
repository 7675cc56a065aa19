import type { SharedVersion } from '../lib/shared-version.ts'

export interface RememberedOptions<Found> {
  /** Of the catalog. */
  readonly version: SharedVersion
  /** Remembered over all questions, in the unit of `sizeOf`. */
  readonly most: number
  readonly sizeOf: (found: Found) => number
}

interface Entry<Found> {
  readonly version: number
  readonly found: Found
}

/**
 * What was found, for as long as the catalog is what it was: dashboards ask for the same names again and again, and
 * to find a thousand series takes longer than to add them up.
 */
export class Remembered<Found> {
  readonly #options: RememberedOptions<Found>
  /** The latest used last. */
  readonly #entries = new Map<string, Entry<Found>>()
  #size = 0

  constructor(options: RememberedOptions<Found>) {
    this.#options = options
  }

  async find(question: string, find: () => Promise<Found>): Promise<Found> {
    const known = this.#known(question)
    if (known !== undefined) return known
    // From before the search: what changes during it may be missing.
    const version = this.#options.version.value
    const found = await find()
    this.#keep(question, { version, found })
    return found
  }

  /** The same of what is found at once; undefined, which is not remembered: it is not. */
  findNow(question: string, find: () => Found | undefined): Found | undefined {
    const known = this.#known(question)
    if (known !== undefined) return known
    const version = this.#options.version.value
    const found = find()
    if (found !== undefined) this.#keep(question, { version, found })
    return found
  }

  /** undefined: it has not been found, or not since the catalog has changed. */
  #known(question: string): Found | undefined {
    const known = this.#take(question)
    if (known?.version !== this.#options.version.value) return undefined
    this.#keep(question, known)
    return known.found
  }

  #take(question: string): Entry<Found> | undefined {
    const known = this.#entries.get(question)
    if (known === undefined) return undefined
    this.#entries.delete(question)
    this.#size -= this.#sizeOf(known)
    return known
  }

  #keep(question: string, entry: Entry<Found>): void {
    this.#take(question)
    if (this.#sizeOf(entry) > this.#options.most) return
    this.#entries.set(question, entry)
    this.#size += this.#sizeOf(entry)
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#options.most) break
      this.#take(oldest)
    }
  }

  #sizeOf({ found }: Entry<Found>): number {
    return this.#options.sizeOf(found)
  }
}
