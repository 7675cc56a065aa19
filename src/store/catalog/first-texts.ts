import { byText } from './packed-answers.ts'

/** Of any number of texts the first ones in order, up to a limit, each with the sum of its counts. */
export class FirstTexts {
  readonly #limit: number
  #counts = new Map<string, number>()
  /** What comes behind it is not among the first. */
  #last: string | undefined

  constructor(limit: number) {
    this.#limit = Math.max(0, limit)
  }

  /** Whether it may be among the first, as far as is known by now. */
  mayTake(text: string): boolean {
    return this.#last === undefined || text <= this.#last
  }

  add(text: string, count: number): void {
    if (!this.mayTake(text)) return
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + count)
    if (this.#counts.size < this.#limit * 2 + LEAST_KEPT) return
    const sorted = this.sorted()
    this.#counts = new Map(sorted)
    this.#last = sorted.at(-1)?.[0] ?? ''
  }

  sorted(): [text: string, count: number][] {
    return [...this.#counts].sort(([a], [b]) => byText(a, b)).slice(0, this.#limit)
  }
}

const LEAST_KEPT = 256
