import type { Clock, Timer } from '../lib/clock.ts'
import { allowShrinking } from '../lib/shrink-heap.ts'
import type { LifeCalls } from './calls.ts'
import type { Link } from './rpc.ts'

export interface MemoryThriftOptions {
  readonly clock: Clock
  /** When packets last came. */
  readonly lastHeardMs: () => number
  /** Threads that are open, the one that takes in datagrams last: it also gives back what others have freed. */
  readonly threads: () => readonly Link<LifeCalls>[]
  /** Gives back what this thread has. */
  readonly shrinkHere: () => void | Promise<void>
  /** Tests have one of their own. */
  readonly allow?: (isAllowed: boolean) => void
}

/** So long after a start, whatever comes: who takes in packets may refuse, and of the others nobody waits for them. */
const FIRST_LOOK_MS = 1_000
const LOOK_INTERVAL_MS = 10_000
/** A flood that pauses may go on; after so long without a packet it is over. */
const QUIET_MS = 60_000

/**
 * Has the threads give back the memory that they have and do not need: once they have been started, and whenever packets have come
 * and come no more. A thread that is busy refuses, and is asked again when it no longer is.
 */
export class MemoryThrift {
  readonly #options: MemoryThriftOptions
  #timer: Timer | undefined
  /** When they were last asked; undefined while they have not been. */
  #askedAtMs: number | undefined
  #isRefused = false
  #isEnded = false

  constructor(options: MemoryThriftOptions) {
    this.#options = options
    this.#lookLater(FIRST_LOOK_MS)
  }

  end(): void {
    this.#isEnded = true
    this.#timer?.cancel()
  }

  #lookLater(afterMs: number): void {
    if (this.#isEnded) return
    this.#timer = this.#options.clock.after(afterMs, () => {
      void this.#look().finally(() => this.#lookLater(LOOK_INTERVAL_MS))
    })
  }

  async #look(): Promise<void> {
    const { clock, lastHeardMs } = this.#options
    const heardMs = lastHeardMs()
    const isDue =
      this.#askedAtMs === undefined ||
      (clock.nowMs() - heardMs >= QUIET_MS && (this.#isRefused || heardMs > this.#askedAtMs))
    if (isDue) await this.#ask()
  }

  async #ask(): Promise<void> {
    const { clock, threads, shrinkHere, allow = allowShrinking } = this.#options
    this.#askedAtMs = clock.nowMs()
    this.#isRefused = false
    allow(true)
    try {
      await shrinkHere()
      for (const thread of threads()) {
        // One that dies has given back everything.
        const isDone = await thread.call('giveBack', null).catch(() => true)
        if (!isDone) this.#isRefused = true
      }
    } finally {
      allow(false)
    }
  }
}
