import type { Clock, Timer } from '../lib/clock.ts'
import type { Point } from '../model/point.ts'
import type { TimedPoints } from './calls.ts'

const LARGEST_BATCH = 5_000
const LONGEST_WAIT_MS = 100

/** Gathers points with times of their own, so that they cross to the keeper by the hundred and not one by one. */
export class PointCollector {
  #keys: string[] = []
  #timesMs: number[] = []
  #values: number[] = []
  #timer: Timer | undefined
  readonly #clock: Clock
  readonly #send: (points: TimedPoints) => void

  constructor(clock: Clock, send: (points: TimedPoints) => void) {
    this.#clock = clock
    this.#send = send
  }

  add(point: Point): void {
    this.#keys.push(point.key)
    this.#timesMs.push(point.timeMs)
    this.#values.push(point.value)
    if (this.#keys.length >= LARGEST_BATCH) this.flush()
    else this.#timer ??= this.#clock.after(LONGEST_WAIT_MS, () => this.flush())
  }

  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#keys.length === 0) return
    this.#send({
      keys: this.#keys,
      timesMs: Float64Array.from(this.#timesMs),
      values: Float64Array.from(this.#values),
    })
    this.#keys = []
    this.#timesMs = []
    this.#values = []
  }
}
