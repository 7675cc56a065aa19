import { intervalEndAt, nextIntervalEnd } from './interval.ts'

export interface OpenIntervalOptions {
  readonly intervalMs: number
  readonly nowMs: number
  /** The newest end that has been used already; 0 if none. */
  readonly notBeforeMs: number
}

/**
 * The interval being filled. Shards and the flush clock each hold one, and so agree on the ends without talking:
 *
 *   forward jump     the open interval is due at once and keeps its own end; the next one is that of the new time
 *   backward step    the open interval is held open, because its end must not come before one that was used
 *   closed early     the next one ends one interval later
 */
export class OpenInterval {
  readonly #intervalMs: number
  #endMs: number
  #lastEndMs: number

  constructor(options: OpenIntervalOptions) {
    if (!(options.intervalMs > 0)) throw new Error(`BUG: an interval of ${options.intervalMs} ms`)
    this.#intervalMs = options.intervalMs
    this.#lastEndMs = options.notBeforeMs
    this.#endMs = nextIntervalEnd(options.nowMs, options.notBeforeMs, options.intervalMs)
  }

  /** The end of the interval, an exact multiple: its stamp. */
  get endMs(): number {
    return this.#endMs
  }

  /** The end of the interval closed last; before that, `notBeforeMs`. */
  get lastEndMs(): number {
    return this.#lastEndMs
  }

  isDue(nowMs: number): boolean {
    // A clock that was hours ahead and is set right would leave an end hours away. It may come nearer, as long as it
    // stays after the last one used.
    if (intervalEndAt(nowMs, this.#intervalMs) < this.#endMs) {
      this.#endMs = Math.min(this.#endMs, nextIntervalEnd(nowMs, this.#lastEndMs, this.#intervalMs))
    }
    return nowMs >= this.#endMs
  }

  /**
   * Closes the interval, due or not, returns its end and opens the next. `throughMs`, an exact multiple, moves the end
   * there if it is later: everything up to then is closed.
   */
  close(nowMs: number, throughMs = 0): number {
    const closedEndMs = Math.max(this.#endMs, throughMs)
    this.#lastEndMs = closedEndMs
    this.#endMs = nextIntervalEnd(nowMs, closedEndMs, this.#intervalMs)
    return closedEndMs
  }
}
