import type { Clock, Timer } from '../lib/clock.ts'
import type { Point } from '../model/point.ts'
import type { TimedPoints } from './calls.ts'
import type { PointType } from './point-identities.ts'

export interface PointCollectorOptions {
  readonly clock: Clock
  /** Sends a batch off; false if it cannot be sent now. */
  readonly send: (points: TimedPoints) => boolean
  /** That many points had to be given up. */
  readonly onDropped: (points: number) => void
}

const LARGEST_BATCH = 5_000
const LONGEST_WAIT_MS = 100
/** Points held while they cannot be sent; beyond this the oldest are dropped. */
const MOST_HELD_POINTS = 1_000_000

/**
 * Gathers points with times of their own, so that they cross to the keeper by the hundred and not one by one. What
 * cannot be sent, because there is no keeper for a moment or it is far behind, is held for a while.
 */
export class PointCollector {
  readonly #options: PointCollectorOptions
  #keys: string[] = []
  #types: PointType[] = []
  #timesMs: number[] = []
  #values: number[] = []
  #held: TimedPoints[] = []
  #timer: Timer | undefined

  constructor(options: PointCollectorOptions) {
    this.#options = options
  }

  add(point: Point): void {
    this.#keys.push(point.key)
    this.#types.push(point.type ?? 'untyped')
    this.#timesMs.push(point.timeMs)
    this.#values.push(point.value)
    if (this.#keys.length >= LARGEST_BATCH) this.flush()
    else this.#flushSoon()
  }

  /** Sends what there is, as far as it can be sent. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#close()
    this.resume()
    if (this.#held.length > 0) this.#flushSoon()
  }

  /** There is room again: sends what is held. */
  resume(): void {
    const sentCount = this.#held.findIndex((points) => !this.#options.send(points))
    this.#held = sentCount < 0 ? [] : this.#held.slice(sentCount)
  }

  /** Makes a batch of what was gathered. */
  #close(): void {
    if (this.#keys.length === 0) return
    this.#held.push({
      keys: this.#keys,
      types: this.#types,
      timesMs: Float64Array.from(this.#timesMs),
      values: Float64Array.from(this.#values),
    })
    this.#keys = []
    this.#types = []
    this.#timesMs = []
    this.#values = []
    let heldPoints = this.#held.reduce((sum, { keys }) => sum + keys.length, 0)
    while (heldPoints > MOST_HELD_POINTS) {
      const dropped = this.#held.shift()?.keys.length ?? 0
      heldPoints -= dropped
      this.#options.onDropped(dropped)
    }
  }

  #flushSoon(): void {
    this.#timer ??= this.#options.clock.after(LONGEST_WAIT_MS, () => this.flush())
  }
}
