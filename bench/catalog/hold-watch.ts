import { round } from './measure.ts'

/**
 * How long each turn of the event loop takes while something is done in slices. That is by the clock on the wall: what others do on
 * this machine counts as well, so beside the longest there is that of all but one in a hundred.
 */
export class HoldWatch {
  readonly #turnsMs: number[] = []
  #lastMs = 0
  #isOn = false

  async during(action: () => Promise<unknown>) {
    this.#turnsMs.length = 0
    const startMs = performance.now()
    this.#lastMs = startMs
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
      const nowMs = performance.now()
      if (this.#isOn) this.#turnsMs.push(nowMs - this.#lastMs)
      this.#lastMs = nowMs
      if (this.#isOn) this.#wait()
    })
  }
}
