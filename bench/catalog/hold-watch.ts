import { round } from './measure.ts'
import { threadMs } from './thread-clock.ts'

/** How long each turn of the event loop holds the thread while something is done in slices, what the garbage collector does there included. */
export class HoldWatch {
  readonly #turnsMs: number[] = []
  #lastMs = 0
  #isOn = false

  async during(action: () => Promise<unknown>) {
    this.#turnsMs.length = 0
    const startMs = performance.now()
    this.#lastMs = threadMs()
    this.#isOn = true
    this.#wait()
    await action()
    this.#isOn = false
    const turnsMs = this.#turnsMs.sort((a, b) => a - b)
    return {
      tookMs: Math.round(performance.now() - startMs),
      longestHoldMs: round(turnsMs.at(-1) ?? 0),
      p99HoldMs: round(turnsMs[Math.floor(turnsMs.length * 0.99)] ?? 0),
    }
  }

  #wait(): void {
    setImmediate(() => {
      const nowMs = threadMs()
      if (this.#isOn) this.#turnsMs.push(nowMs - this.#lastMs)
      this.#lastMs = nowMs
      if (this.#isOn) this.#wait()
    })
  }
}
