import { nextEventLoopTurn } from './clock.ts'
import type { Slices } from './slices.ts'

/** How long the thread is held at once. */
const SLICE_MS = 3

/**
 * Does such work beside what else its thread has to do: one slice for each turn of the event loop, whoever's turn it is, so
 * that what is short does not wait for what is long.
 */
export class SliceQueue {
  readonly #monotonicMs: () => number
  readonly #waiting: Job[] = []
  #isWorking = false

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs
  }

  /** Rejects with what the work throws, and with the signal's reason once it aborts. */
  run<Result>(slices: Slices<Result>, signal?: AbortSignal): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((untilMs) => {
        try {
          if (signal?.aborted === true) {
            slices.return(undefined as never)
            reject(signal.reason)
            return true
          }
          let step = slices.next()
          while (step.done !== true && this.#monotonicMs() < untilMs) step = slices.next()
          if (step.done === true) resolve(step.value)
          return step.done === true
        } catch (error) {
          reject(error)
          return true
        }
      })
      if (!this.#isWorking) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      await nextEventLoopTurn()
      if (!job(this.#monotonicMs() + SLICE_MS)) this.#waiting.push(job)
    }
    this.#isWorking = false
  }
}

/** Goes on until then; whether that was all. */
type Job = (untilMs: number) => boolean
