/** One of those counted most. */
export interface HeavyHitter {
  readonly text: string
  /** Never too low. Too high by what was counted for others, if they had to give way. */
  readonly count: number
  readonly examples: readonly string[]
}

/** More says nothing to a person. */
const MOST_TEXT_CHARACTERS = 200
const EXAMPLES = 3

/**
 * The texts that come most often, in bounded space, however many there are (the algorithm "space-saving"): a text
 * that has no place takes that of the least counted, and goes on from its count. Whatever comes more often than one time in
 * `places` is sure to be there.
 */
export class HeavyHitters {
  readonly #places: number
  readonly #byText = new Map<string, { text: string; count: number; examples: string[] }>()

  constructor(places: number) {
    this.#places = places
  }

  count(text: string, example: string): void {
    const known = cut(text)
    let hitter = this.#byText.get(known)
    if (hitter === undefined) {
      hitter = { text: copy(known), count: this.#makeRoom(), examples: [] }
      this.#byText.set(hitter.text, hitter)
    }
    hitter.count++
    if (hitter.examples.length < EXAMPLES && !hitter.examples.includes(cut(example))) {
      hitter.examples.push(copy(cut(example)))
    }
  }

  /** Most first. */
  list(): readonly HeavyHitter[] {
    return [...this.#byText.values()]
      .map((hitter) => ({ ...hitter, examples: [...hitter.examples] }))
      .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
  }

  /** Returns the count to go on from. */
  #makeRoom(): number {
    if (this.#byText.size < this.#places) return 0
    let least: { readonly text: string; readonly count: number } | undefined
    for (const hitter of this.#byText.values())
      if (least === undefined || hitter.count < least.count) least = hitter
    this.#byText.delete(least?.text ?? '')
    return least?.count ?? 0
  }
}

function cut(text: string): string {
  return text.length <= MOST_TEXT_CHARACTERS
    ? text
    : `${text.slice(0, MOST_TEXT_CHARACTERS - 3).toWellFormed()}...`
}

/** A part of a string may keep the whole of it in memory; a copy does not. */
function copy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
