import type { SeriesKey } from '../../model/series-key.ts'
import type { RuleBook } from './rule-book.ts'
import type { Rule } from './rule-file.ts'

/** Which rules of a book are a series', by their places; the number of rules: none, the default is. */
export interface PlacesOfRules {
  readonly schema: number
  readonly aggregation: number
}

/**
 * Finds the rules of one series in several books. A pattern that stands in more than one place is tried once: a million series times some rules are seconds, and most
 * rules of a book that has been changed are as they were.
 */
export class RuleFinder {
  readonly #patterns = new Map<
    string,
    { readonly test: (text: string) => boolean; keyNumber: number; isMatch: boolean }
  >()
  #keyNumber = 0
  #key: SeriesKey = ''

  /** From now on it is about this series. */
  begin(key: SeriesKey): void {
    this.#keyNumber++
    this.#key = key
  }

  placesIn({ schemaRules, aggregationRules }: RuleBook): PlacesOfRules {
    return { schema: this.#placeIn(schemaRules), aggregation: this.#placeIn(aggregationRules) }
  }

  #placeIn(rules: readonly Rule<unknown>[]): number {
    for (let place = 0; place < rules.length; place++)
      if (this.#matches(rules[place] as Rule<unknown>)) return place
    return rules.length
  }

  #matches({ source, pattern }: Rule<unknown>): boolean {
    let known = this.#patterns.get(source)
    if (known === undefined) {
      known = { test: (text) => pattern.test(text), keyNumber: 0, isMatch: false }
      this.#patterns.set(source, known)
    }
    if (known.keyNumber !== this.#keyNumber) {
      known.keyNumber = this.#keyNumber
      known.isMatch = known.test(this.#key)
    }
    return known.isMatch
  }
}
