import type { NodeMatcher, StepBudget } from '../../lib/glob.ts'
import type { NameTable } from './name-table.ts'

/** One text and pattern may cost that much at once: a few milliseconds. */
const MOST_STEPS_AT_ONCE = 1 << 20
/** So many different texts are asked about before answers are kept. */
const ASKED_BEFORE_KEPT = 512
const NO_PREFIX = new Uint8Array()
const MATCHES = 1
const MATCHES_NOT = 2

/** Which names of the table one node of a pattern matches, by their numbers. What it has said of a number it says again. */
export class MatchedNames {
  /** All that can match, where they can be looked up. Those that come later are not among them. */
  readonly literals: ReadonlySet<number> | undefined
  readonly #table: NameTable
  readonly #matcher: NodeMatcher
  readonly #budget: StepBudget
  /** In UTF-8. Empty: any text may match. */
  readonly #prefix: Uint8Array
  #answers: Uint8Array | undefined
  #asked = 0

  constructor(table: NameTable, matcher: NodeMatcher, budget: StepBudget) {
    this.#table = table
    this.#matcher = matcher
    this.#budget = budget
    if (matcher.literals === undefined) {
      // Half of a character is not in UTF-8.
      this.#prefix = matcher.prefix.isWellFormed() ? Buffer.from(matcher.prefix) : NO_PREFIX
      return
    }
    this.#prefix = NO_PREFIX
    budget.stepsLeft -= matcher.literals.length * STEPS_PER_LITERAL
    this.literals = new Set(
      matcher.literals.map((literal) => table.find(literal)).filter((name) => name >= 0),
    )
  }

  /** Whether it does; once the budget is used up, the answer is no answer. */
  matches(name: number): boolean {
    if (this.#matcher.isEverything) return true
    if (this.literals !== undefined) return this.literals.has(name)
    if (this.#prefix.length > 0 && !this.#table.mayBeginWith(name, this.#prefix)) return false
    const answers = this.#answers
    if (answers === undefined) {
      if (++this.#asked === ASKED_BEFORE_KEPT) this.#answers = new Uint8Array(this.#table.limit)
      return this.#ask(name)
    }
    const known = answers[name]
    if (known === MATCHES) return true
    if (known === MATCHES_NOT) return false
    const isMatch = this.#ask(name)
    // Names that came later have no place.
    answers[name] = isMatch ? MATCHES : MATCHES_NOT
    return isMatch
  }

  #ask(name: number): boolean {
    const budget = this.#budget
    budget.stepsLeft -= STEPS_PER_TEXT
    const most = Math.min(budget.stepsLeft, MOST_STEPS_AT_ONCE)
    const own = { stepsLeft: most }
    const isMatch = this.#matcher.matches(this.#table.text(name), own)
    budget.stepsLeft = own.stepsLeft < 0 ? -1 : budget.stepsLeft - (most - own.stepsLeft)
    return isMatch
  }
}

const STEPS_PER_LITERAL = 8
/** To have the text of a name. */
const STEPS_PER_TEXT = 32
