import type { Clock, Timer } from '../lib/clock.ts'
import type { MetricEvent } from '../model/event.ts'

export interface EventCollectorOptions {
  readonly clock: Clock
  /** Sends a batch off; false if it cannot be sent now. */
  readonly send: (events: readonly MetricEvent[]) => boolean
  /** That many events had to be given up. */
  readonly onDropped: (events: number) => void
}

/** Making a batch safe costs the keeper one sync, however many events it has. */
const LONGEST_WAIT_MS = 200
/** Events held while they cannot be sent; beyond this the oldest are dropped. */
const MOST_HELD_EVENTS = 10_000

/** Gathers events, so that they cross to the keeper together. */
export class EventCollector {
  readonly #options: EventCollectorOptions
  #events: MetricEvent[] = []
  #timer: Timer | undefined

  constructor(options: EventCollectorOptions) {
    this.#options = options
  }

  add(event: MetricEvent): void {
    this.#events.push(event)
    if (this.#events.length > MOST_HELD_EVENTS) {
      this.#events.shift()
      this.#options.onDropped(1)
    }
    this.#timer ??= this.#options.clock.after(LONGEST_WAIT_MS, () => this.flush())
  }

  /** Sends what there is, if it can be sent. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#events.length === 0) return
    if (this.#options.send(this.#events)) this.#events = []
    else this.#timer = this.#options.clock.after(LONGEST_WAIT_MS, () => this.flush())
  }
}
