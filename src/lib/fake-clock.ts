import type { Clock } from './clock.ts'

interface Pending {
  dueMs: number
  action: () => void
}

/** A clock that moves only when told to. For tests. */
export class FakeClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  #pending: Pending[] = []

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, action: () => void) {
    const entry: Pending = { dueMs: this.#monotonicMs + delayMs, action }
    this.#pending.push(entry)
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== entry)
      },
    }
  }

  /** Moves both hands forward, running timers in the order they fall due. */
  advance(byMs: number): void {
    const targetMs = this.#monotonicMs + byMs
    for (;;) {
      const due = this.#pending
        .filter((entry) => entry.dueMs <= targetMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0]
      if (due === undefined) break
      this.#pending = this.#pending.filter((other) => other !== due)
      this.#move(due.dueMs - this.#monotonicMs)
      due.action()
    }
    this.#move(targetMs - this.#monotonicMs)
  }

  /** Moves the wall clock alone, either way, as NTP or an operator would. Timers do not notice. */
  stepWallClock(byMs: number): void {
    this.#nowMs += byMs
  }

  #move(byMs: number): void {
    this.#monotonicMs += byMs
    this.#nowMs += byMs
  }
}
