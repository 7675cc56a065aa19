import type { Clock } from '../../lib/clock.ts'

export interface TimeWindowOptions {
  readonly mostAgeMs: number
  readonly mostAheadMs: number
  readonly clock: Clock
}

/**
 * For services that drop what is too old, or too far ahead, without a word: so that it is refused here, and counted. A batch is judged by the
 * time it was first tried at, for what is tried again has to be the same.
 */
export class TimeWindow {
  readonly #options: TimeWindowOptions
  #batch: object | undefined
  #nowMs = 0

  constructor(options: TimeWindowOptions) {
    this.#options = options
  }

  /** `batch` is what the runner handed the sink. What is returned says why a time is not taken. */
  judgeFor(batch: object): (timeMs: number) => string | undefined {
    const { mostAgeMs, mostAheadMs, clock } = this.#options
    if (this.#batch !== batch) {
      this.#batch = batch
      this.#nowMs = clock.nowMs()
    }
    const nowMs = this.#nowMs
    return (timeMs) => {
      if (nowMs - timeMs > mostAgeMs) return `it is older than ${mostAgeMs / 3_600_000} h`
      return timeMs - nowMs > mostAheadMs ? `it is more than ${mostAheadMs / 3_600_000} h ahead` : undefined
    }
  }
}
