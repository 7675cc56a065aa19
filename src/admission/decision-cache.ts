import type { SeriesKey } from '../model/series-key.ts'

/** Under which key a series is let in; null: not at all. */
export type Decision = SeriesKey | null

export interface DecisionCacheOptions {
  /** Of one generation; there are two. */
  readonly mostEntries: number
  /** Keys may be long, and are whatever is sent: their characters are counted as well. */
  readonly mostCharacters: number
}

/**
 * The latest decisions, in two generations. When the young one is full it becomes the old one, and what was the old one
 * is forgotten; what is found in the old one is young again. So what is in use stays, and a flood of new keys costs no
 * more memory than two generations hold.
 */
export class DecisionCache {
  readonly #options: DecisionCacheOptions
  #young = new Map<SeriesKey, Decision>()
  #old = new Map<SeriesKey, Decision>()
  #youngCharacters = 0

  constructor(options: DecisionCacheOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  /** undefined: not known. */
  get(key: SeriesKey): Decision | undefined {
    const decision = this.#young.get(key)
    if (decision !== undefined) return decision
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: SeriesKey, decision: Decision): void {
    const characters = key.length + (decision === null || decision === key ? 0 : decision.length)
    const { mostEntries, mostCharacters } = this.#options
    if (this.#young.size >= mostEntries || this.#youngCharacters + characters > mostCharacters) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngCharacters = 0
    }
    this.#young.set(key, decision)
    this.#youngCharacters += characters
  }
}
