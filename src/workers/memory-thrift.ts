import type { Clock, Timer } from '../lib/clock.ts'
import { allowShrinking } from '../lib/shrink-heap.ts'
import type { LifeCalls } from './calls.ts'
import type { Link } from './rpc.ts'

export interface MemoryThriftOptions {
  readonly clock: Clock
  /** When packets last came. */
  readonly lastHeardMs: () => number
  /** When somebody last asked for something. */
  readonly lastAskedMs: () => number
  /** How many metrics there were at the last flush. */
  readonly metricCount: () => number
  /** Threads that are open. */
  readonly threads: () => readonly Link<LifeCalls>[]
  /** Of those the one in which metrics are made known. */
  readonly keeper: () => Link<LifeCalls> | undefined
  /** Gives back what this thread has. */
  readonly shrinkHere: () => void
  /** Gives back to the system what all threads have freed by now. */
  readonly release: () => Promise<void>
  /** Tests have one of their own. */
  readonly allow?: (isAllowed: boolean) => void
}

/** So long after a start. */
const FIRST_LOOK_MS = 1_000
/** What comes right after a start is left alone for so long: it takes all the time that there is, and fills what would be given back. */
const LONGEST_RUSH_MS = 30_000
/** Without a packet and a question for so long, there is no rush. */
const CALM_MS = 1_000
const LOOK_INTERVAL_MS = 2_500
/** What is thrown away and used after all is there again by then, and what it took to make it can go: at once, with the next flush, and compiled for good. */
const AFTERMATHS_MS = [2_000, 10_000, 30_000]
/** A flood that pauses may go on; after so long without a packet it is over. */
const QUIET_MS = 60_000
/** What new metrics leave behind is worth the while. */
const LEAST_NEW_METRICS = 20_000
const GROWN_TIMES = 1.25
/** From one look to the next, of what has settled. */
const SETTLED_TIMES = 1.01

/**
 * Has the threads give back the memory that they have and do not need: once they have been started and the first rush is over; when many metrics have come anew
 * and hardly any more do, the keeper alone, for making them known leaves much behind there, and nothing that is done for metrics that are known
 * would have it collected for a long time; and whenever packets have come and come no more. A thread that is busy refuses, and is asked again when it no
 * longer is.
 */
export class MemoryThrift {
  readonly #options: MemoryThriftOptions
  readonly #startedMs: number
  #timer: Timer | undefined
  /** When they were last asked; undefined while they have not been. */
  #askedAtMs: number | undefined
  #isRefused = false
  /** When to give back what was freed since, the next one first. */
  #releasesDueMs: readonly number[] = []
  #metricsAtLastLook = 0
  #metricsWhenAsked = 0
  #isEnded = false

  constructor(options: MemoryThriftOptions) {
    this.#options = options
    this.#startedMs = options.clock.nowMs()
    this.#lookLater(FIRST_LOOK_MS)
  }

  end(): void {
    this.#isEnded = true
    this.#timer?.cancel()
  }

  #lookLater(afterMs: number): void {
    if (this.#isEnded) return
    this.#timer = this.#options.clock.after(afterMs, () => {
      void this.#look().finally(() => {
        const dueInMs =
          (this.#releasesDueMs[0] ?? Number.POSITIVE_INFINITY) - this.#options.clock.monotonicMs()
        this.#lookLater(Math.min(LOOK_INTERVAL_MS, Math.max(0, dueInMs)))
      })
    })
  }

  async #look(): Promise<void> {
    const { clock, lastHeardMs, lastAskedMs, release } = this.#options
    const dueMs = this.#releasesDueMs[0]
    if (dueMs !== undefined && clock.monotonicMs() >= dueMs) {
      this.#releasesDueMs = this.#releasesDueMs.slice(1)
      await release()
    }
    const heardMs = lastHeardMs()
    const hasGrown = this.#hasGrownAndSettled()
    const nowMs = clock.nowMs()
    const quietMs = nowMs - heardMs
    const isFirst = this.#askedAtMs === undefined
    const isRush =
      nowMs - Math.max(heardMs, lastAskedMs()) < CALM_MS && nowMs - this.#startedMs < LONGEST_RUSH_MS
    const hasCalmed = quietMs >= QUIET_MS && (this.#isRefused || heardMs > (this.#askedAtMs ?? 0))
    if (isFirst ? !isRush || hasGrown : hasCalmed) {
      this.#askedAtMs = nowMs
      await this.#ask({ isAll: true })
    } else if (hasGrown) await this.#ask({ isAll: false })
  }

  #hasGrownAndSettled(): boolean {
    const metrics = this.#options.metricCount()
    const isSettled = metrics <= this.#metricsAtLastLook * SETTLED_TIMES
    this.#metricsAtLastLook = metrics
    return isSettled && metrics >= this.#metricsWhenAsked * GROWN_TIMES + LEAST_NEW_METRICS
  }

  async #ask({ isAll }: { isAll: boolean }): Promise<void> {
    const { clock, metricCount, threads, keeper, shrinkHere, release, allow = allowShrinking } = this.#options
    this.#metricsWhenAsked = metricCount()
    const askedMs = clock.monotonicMs()
    this.#releasesDueMs = AFTERMATHS_MS.map((afterMs) => askedMs + afterMs)
    if (isAll) this.#isRefused = false
    allow(true)
    try {
      if (isAll) shrinkHere()
      for (const thread of isAll ? threads() : [keeper()]) {
        // One that dies has given back everything.
        const isDone = await thread?.call('giveBack', null).catch(() => true)
        if (isDone === false) this.#isRefused = true
      }
      await release()
    } finally {
      allow(false)
    }
  }
}
