import type { Clock, Timer } from '../lib/clock.ts'
import type { Libc } from '../lib/libc.ts'

export interface DescriptorWatchOptions {
  readonly libc: Libc
  readonly clock: Clock
  readonly descriptors: readonly number[]
  /** Called once; nothing is looked at any more then. */
  readonly onReadable: () => void
}

/** As long as a thread that receives waits for datagrams: its timers are due no sooner. */
const LOOK_INTERVAL_MS = 20
/** struct pollfd: int fd, short events, short revents. */
const POLL_BYTES = 8

/**
 * Looks from time to time whether there is something to read, or somebody to be let in, and leaves that where it is. One
 * call for all of them, so that a thread that has other things to do is not held up.
 */
export class DescriptorWatch {
  readonly #options: DescriptorWatchOptions
  readonly #polled: Buffer
  #timer: Timer | undefined

  constructor(options: DescriptorWatchOptions) {
    this.#options = options
    const { libc, descriptors } = options
    this.#polled = Buffer.alloc(descriptors.length * POLL_BYTES)
    for (const [index, descriptor] of descriptors.entries()) {
      this.#polled.writeInt32LE(descriptor, index * POLL_BYTES)
      this.#polled.writeInt32LE(libc.constants.POLLIN, index * POLL_BYTES + 4)
    }
    this.#lookLater()
  }

  isReadable(): boolean {
    return this.#options.libc.pollHere(this.#polled, this.#options.descriptors.length, 0) > 0
  }

  end(): void {
    this.#timer?.cancel()
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(LOOK_INTERVAL_MS, () => {
      if (this.isReadable()) this.#options.onReadable()
      else this.#lookLater()
    })
  }
}
