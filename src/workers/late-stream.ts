import { closeSync } from 'node:fs'
import type { Clock } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import type { Log } from '../telemetry/log.ts'
import type { IntakeCalls } from './calls.ts'
import type { Link } from './rpc.ts'
import type { HeldListener } from './stream-ports.ts'
import type { Thread } from './supervisor.ts'

export interface LateStreamOptions {
  /** Starts the thread, which takes over what is held. */
  readonly start: () => Promise<Thread<IntakeCalls>>
  /** Ends what is left of a thread that could not be started. */
  readonly discard: () => Promise<void>
  /** The thread that watches the ports. undefined: it is not there yet. */
  readonly watcher: () => Link<IntakeCalls> | undefined
  readonly clock: Clock
  readonly log: Log
}

const RETRY_DELAY_MS = 1_000

/**
 * The thread of streams, which is started when the first sender comes. Until then its ports are open, and held by nobody but
 * the process; whoever comes waits in the kernel, with what he sends, for the tenth of a second that a thread takes. What is
 * held is given back once the thread has sockets of its own on it.
 */
export class LateStream {
  readonly #options: LateStreamOptions
  #held: readonly HeldListener[] = []
  #starting: Promise<Thread<IntakeCalls>> | undefined
  #isClosed = false

  constructor(options: LateStreamOptions) {
    this.#options = options
  }

  /** Empty once the thread has taken it over. */
  get held(): readonly HeldListener[] {
    return this.#held
  }

  hold(held: readonly HeldListener[]): void {
    this.#held = held
  }

  /** It was started at once: there is nothing to hold. */
  started(thread: Thread<IntakeCalls>): void {
    this.#starting = Promise.resolve(thread)
  }

  /** The watcher is another one now, or has seen somebody whom nobody could let in. */
  watch(): void {
    const descriptors = this.#descriptors()
    if (descriptors.length === 0 || this.#starting !== undefined || this.#isClosed) return
    this.#options
      .watcher()
      ?.call('watch', descriptors)
      .then((isWatching) => isWatching || this.arrived())
      // It is dead; the one that takes its place is told.
      .catch(() => {})
  }

  /** Somebody has come, or sends what this thread takes in by another way. Rejects where the thread cannot be started. */
  start(): Promise<Thread<IntakeCalls>> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async link(): Promise<Link<IntakeCalls>> {
    return (await this.start()).link()
  }

  /** Somebody has come. */
  arrived(): void {
    // What went wrong has been told.
    if (!this.#isClosed) this.start().catch(() => {})
  }

  /** Lets in who is there, so that a thread that was started can be stopped in good order, and nobody from then on. */
  async close(): Promise<void> {
    if (this.#starting === undefined && this.#held.length > 0) {
      const answer = this.#options.watcher()?.call('endWatch', null)
      if (await answer?.catch(() => false)) this.arrived()
    }
    this.#isClosed = true
    await this.#starting?.catch(() => {})
    this.release()
  }

  /** Whoever is connected and was not let in is told that nobody is there. */
  release(): void {
    for (const descriptor of this.#descriptors()) closeSync(descriptor)
    this.#held = []
  }

  async #start(): Promise<Thread<IntakeCalls>> {
    try {
      const thread = await this.#options.start()
      this.release()
      return thread
    } catch (error) {
      const { log, clock, discard } = this.#options
      log.error({ reason: reasonOf(error) }, 'the thread of streams could not be started')
      await discard()
      this.#starting = undefined
      clock.after(RETRY_DELAY_MS, () => this.watch())
      throw error
    }
  }

  #descriptors(): number[] {
    return this.#held.flatMap(({ ports }) => ports.map(({ descriptor }) => descriptor))
  }
}
