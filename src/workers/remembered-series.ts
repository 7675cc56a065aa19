import type { SharedVersion } from '../lib/shared-version.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'

/** Series remembered, over all questions. */
const MOST_SERIES = 262_144

interface Remembered {
  readonly version: number
  readonly series: readonly SeriesIdentity[]
}

/**
 * Which series were found, for as long as the catalog is what it was: dashboards ask for the same ones again and again, and
 * to find a thousand takes longer than to add them up.
 */
export class RememberedSeries {
  readonly #version: SharedVersion
  /** The latest used last. */
  readonly #found = new Map<string, Remembered>()
  #count = 0

  constructor(version: SharedVersion) {
    this.#version = version
  }

  async find(
    question: string,
    find: () => Promise<readonly SeriesIdentity[]>,
  ): Promise<readonly SeriesIdentity[]> {
    // From before the search: what changes during it may be missing.
    const version = this.#version.value
    const known = this.#take(question)
    const found = known?.version === version ? known : { version, series: await find() }
    this.#keep(question, found)
    return found.series
  }

  #take(question: string): Remembered | undefined {
    const known = this.#found.get(question)
    if (known === undefined) return undefined
    this.#found.delete(question)
    this.#count -= sizeOf(known)
    return known
  }

  #keep(question: string, found: Remembered): void {
    this.#take(question)
    this.#found.set(question, found)
    this.#count += sizeOf(found)
    for (const oldest of this.#found.keys()) {
      if (this.#count <= MOST_SERIES) break
      this.#take(oldest)
    }
  }
}

/** A question takes memory even if nothing is found. */
function sizeOf({ series }: Remembered): number {
  return series.length + 1
}
