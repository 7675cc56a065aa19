import type { SeriesKey } from '../model/series-key.ts'

export interface TimedCountersOptions {
  /** Sums remembered at the most; past it those that came first are forgotten. */
  readonly mostSums?: number
}

const SECOND_MS = 1_000
const MOST_SUMS = 200_000

/**
 * Counters that come with times of their own (DogStatsD's `T`): those of one metric and second add up, although each is a point
 * that replaces the one before it in every store. So the sum of each second is remembered for a while, and the point is
 * always the whole sum. A second that was forgotten, or that began before Kymo was started, begins anew.
 */
export class TimedCounters {
  readonly #mostSums: number
  /** By key and second, in the order of their first use. */
  readonly #sums = new Map<string, number>()

  constructor({ mostSums = MOST_SUMS }: TimedCountersOptions = {}) {
    this.#mostSums = mostSums
  }

  /** The sum of that second, this value included. */
  add(key: SeriesKey, timeMs: number, value: number): number {
    const second = `${Math.floor(timeMs / SECOND_MS)} ${key}`
    const sum = (this.#sums.get(second) ?? 0) + value
    const finite = Number.isFinite(sum) ? sum : Math.sign(sum) * Number.MAX_VALUE
    this.#sums.set(second, finite)
    if (this.#sums.size > this.#mostSums) this.#forgetFirst()
    return finite
  }

  #forgetFirst(): void {
    for (const second of this.#sums.keys()) {
      this.#sums.delete(second)
      return
    }
  }
}
