import type { Clock } from '../../lib/clock.ts'

/** A clock that has stood still, as that of a machine that slept, is caught up with: a day in an hour. */
const CATCH_UP_FACTOR = 24

/**
 * What time it is for the retention. That of the clock, but it does not leap: were the clock set ten years ahead for an hour,
 * all that is kept would be older than the retention, and gone for good. Whoever sets it right again within a few days loses
 * nothing.
 */
export class RetentionTime {
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  #reachedMs: number
  #atMonotonicMs: number

  constructor(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {
    this.#clock = clock
    this.#reachedMs = clock.nowMs()
    this.#atMonotonicMs = clock.monotonicMs()
  }

  /** Never ahead of the clock. */
  nowMs(): number {
    const nowMs = this.#clock.nowMs()
    const monotonicMs = this.#clock.monotonicMs()
    const elapsedMs = monotonicMs - this.#atMonotonicMs
    this.#atMonotonicMs = monotonicMs
    this.#reachedMs = Math.max(
      this.#reachedMs,
      Math.min(nowMs, this.#reachedMs + CATCH_UP_FACTOR * elapsedMs),
    )
    return Math.min(nowMs, this.#reachedMs)
  }
}
