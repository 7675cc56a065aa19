import type { SeriesIdentity } from '../../model/series-identity.ts'

/** So many names that nobody has any more are no matter. */
const SPARE_NAMES = 10_000

/**
 * Whether any two series have been given one name, looked at when each is given its name, so that batches need not be searched for it.
 */
export class SharedNames {
  readonly #givenTo = new Map<string, string>()
  #areShared = false

  /** Perhaps, if it is so no more. */
  get areShared(): boolean {
    return this.#areShared
  }

  add(name: string, key: string): void {
    const known = this.#givenTo.get(name)
    if (known === undefined) this.#givenTo.set(name, key)
    // A series that was forgotten and has come again has the name that it had.
    else if (known !== key) this.#areShared = true
  }

  /** Forgets names that are not among these, once they are many. False: there was nothing to forget. */
  keepWithin({
    series,
    outcomes,
  }: {
    readonly series: readonly SeriesIdentity[]
    readonly outcomes: readonly (SeriesIdentity | null)[]
  }): boolean {
    if (this.#givenTo.size <= 2 * series.length + SPARE_NAMES) return false
    this.#givenTo.clear()
    this.#areShared = false
    for (const [index, outcome] of outcomes.entries())
      if (outcome !== null) this.add(outcome.key, (series[index] as SeriesIdentity).key)
    return true
  }
}
