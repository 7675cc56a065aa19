import type { Clock, Timer } from '../lib/clock.ts'
import { OpenInterval } from './open-interval.ts'

export interface FlushClockOptions {
  readonly clock: Clock
  readonly intervalMs: number
  /** The newest timestamp flushed in an earlier life: every flush is stamped later. */
  readonly notBeforeMs?: number
  /** Called with the interval's end at or after it, each end once and always a later one. Must not throw. */
  readonly onDue: (intervalEndMs: number) => void
}

/** The wall clock can be set while we sleep, and timers do not notice. */
const LONGEST_SLEEP_MS = 1000

/**
 * Says when an interval is to be flushed, aligned to the wall clock; OpenInterval has the rules for a clock that jumps.
 * Intervals slept through are not flushed one by one: the open one is, under its own end, and then the current one.
 */
export class FlushClock {
  readonly #clock: Clock
  readonly #onDue: (intervalEndMs: number) => void
  readonly #interval: OpenInterval
  #timer: Timer | undefined

  constructor(options: FlushClockOptions) {
    this.#clock = options.clock
    this.#onDue = options.onDue
    this.#interval = new OpenInterval({
      intervalMs: options.intervalMs,
      nowMs: options.clock.nowMs(),
      notBeforeMs: options.notBeforeMs ?? 0,
    })
  }

  /** The end that the open interval will be stamped with. More than an interval ahead: the clock is held. */
  get intervalEndMs(): number {
    return this.#interval.endMs
  }

  /** The stamp of the last flush; before the first, `notBeforeMs`. */
  get lastEndMs(): number {
    return this.#interval.lastEndMs
  }

  /** Safe to call twice. */
  start(): void {
    if (this.#timer === undefined) this.#arm(this.#clock.nowMs())
  }

  /** The open interval stays open. Safe to call twice, and before `start`. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Closes the open interval before its time and returns its end; `onDue` will not be called with it. */
  closeEarly(): number {
    return this.#interval.close(this.#clock.nowMs())
  }

  #arm(nowMs: number): void {
    const delayMs = Math.min(Math.max(this.#interval.endMs - nowMs, 1), LONGEST_SLEEP_MS)
    this.#timer = this.#clock.after(delayMs, () => this.#tick())
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs()
    const dueEndMs = this.#interval.isDue(nowMs) ? this.#interval.close(nowMs) : undefined
    this.#arm(nowMs)
    if (dueEndMs !== undefined) this.#onDue(dueEndMs)
  }
}
