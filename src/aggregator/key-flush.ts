import type { SeriesKey } from '../model/series-key.ts'

/**
 * The keys that are sent most, as etsy's keyFlush writes them: every so often a line for each of the top percent of keys.
 *
 *   Fri Nov 20 2026 18:58:59 GMT+0000 (Coordinated Universal Time) count=1207 key=api.hits
 *
 * Each receiving thread counts by itself and hands over what it has with its interval; the keeper adds up and writes.
 */
export interface KeyCounts {
  readonly keys: readonly SeriesKey[]
  /** `counts[i]` values came under `keys[i]`. */
  readonly counts: Float64Array
}

/** Past this many keys, new ones are not counted until the next time: who floods with names gets no more memory. */
const MOST_KEYS = 1_000_000

export interface KeyFlushOptions {
  readonly intervalMs: number
  readonly nowMs: number
  /** Of the keys seen, this share is written: those that came most often. Over 0, at most 100. */
  readonly percent: number
  /** Takes whole lines. */
  readonly write: (text: string) => void
}

/** In the keeper. */
export class KeyFlush {
  readonly #options: KeyFlushOptions
  #counts = new Map<SeriesKey, number>()
  #dueMs: number

  constructor(options: KeyFlushOptions) {
    this.#options = options
    this.#dueMs = options.nowMs + options.intervalMs
  }

  add({ keys, counts }: KeyCounts): void {
    for (const [index, key] of keys.entries()) add(this.#counts, key, counts[index] ?? 0)
  }

  /** Call it often. Writes if it is time, and begins again from nothing. */
  tick(nowMs: number): void {
    const { intervalMs, percent, write } = this.#options
    // A clock that was set back does not hold it up for longer than one interval.
    this.#dueMs = Math.min(this.#dueMs, nowMs + intervalMs)
    if (nowMs < this.#dueMs) return
    this.#dueMs = nowMs + intervalMs
    const counts = [...this.#counts].sort(([, a], [, b]) => b - a)
    this.#counts = new Map()
    const time = new Date(nowMs).toString()
    const wanted = counts.slice(0, Math.ceil((counts.length * percent) / 100))
    const text = wanted.map(([key, count]) => `${time} count=${count} key=${key}\n`).join('')
    if (text !== '') write(text)
  }
}

function add(counts: Map<SeriesKey, number>, key: SeriesKey, count: number): void {
  const before = counts.get(key)
  if (before === undefined && counts.size >= MOST_KEYS) return
  counts.set(key, (before ?? 0) + count)
}
