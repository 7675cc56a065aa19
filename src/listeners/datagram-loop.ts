import { setImmediate as nextTurn } from 'node:timers/promises'
import { sleep, type Clock } from '../lib/clock.ts'
import type { Libc } from '../lib/libc.ts'

/** A socket that datagrams are read from. */
export interface DatagramSource {
  readonly descriptor: number
  /** Takes in what has arrived, up to a bound, without waiting; the number of datagrams. Never throws. */
  takeIn(): number
}

export interface DatagramLoopOptions {
  readonly libc: Libc
  readonly clock: Clock
  /**
   * `here`: this thread waits, which is the cheapest, and hears nothing else meanwhile, for LONGEST_WAIT_MS at most.
   * `aside`: a thread of libuv's pool does.
   */
  readonly waits: 'here' | 'aside'
}

/** What a thread sends to one that waits is heard after so long. */
const LONGEST_WAIT_MS = 20
/** After something failed that would fail again at once. */
const NAP_MS = 10
/** struct pollfd: int fd, short events, short revents. */
const POLL_BYTES = 8

/**
 * Reads all the datagram sockets of a thread, one after the other, for as long as there is something, and then waits for
 * all of them together. Between rounds everything else in the thread has its turn.
 */
export class DatagramLoop {
  readonly #options: DatagramLoopOptions
  #sources: readonly DatagramSource[] = []
  #pollDescriptors = Buffer.allocUnsafeSlow(0)
  #isRunning = false
  /** The wait under way, if any: its descriptors must stay open. */
  #waiting: Promise<unknown> = Promise.resolve()

  constructor(options: DatagramLoopOptions) {
    this.#options = options
  }

  add(source: DatagramSource): void {
    this.#setSources([...this.#sources, source])
    if (!this.#isRunning) void this.#run()
  }

  /** After it resolves nothing reads the source or waits for it, and its descriptor can be closed. */
  async remove(source: DatagramSource): Promise<void> {
    this.#setSources(this.#sources.filter((other) => other !== source))
    await this.#waiting
  }

  #setSources(sources: readonly DatagramSource[]): void {
    this.#sources = sources
    // A wait under way goes on with the memory that it was given.
    this.#pollDescriptors = Buffer.allocUnsafeSlow(sources.length * POLL_BYTES)
    for (const [index, { descriptor }] of sources.entries()) {
      this.#pollDescriptors.writeInt32LE(descriptor, index * POLL_BYTES)
      this.#pollDescriptors.writeInt32LE(this.#options.libc.constants.POLLIN, index * POLL_BYTES + 4)
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    let wasReadable = false
    while (this.#sources.length > 0) {
      let datagrams = 0
      for (const source of this.#sources) datagrams += source.takeIn()
      if (datagrams > 0) {
        wasReadable = false
        // Others first; more has often come by then, and looking is cheaper than waiting.
        await nextTurn()
        continue
      }
      // Readable, and yet there was nothing: something is wrong, and must not keep a processor busy.
      if (wasReadable) await sleep(this.#options.clock, NAP_MS)
      wasReadable = await this.#isReadable()
    }
    this.#isRunning = false
  }

  async #isReadable(): Promise<boolean> {
    const { libc, waits } = this.#options
    // Messages and timers that are due come first.
    if (waits === 'here') await nextTurn()
    const descriptors = this.#pollDescriptors
    const count = descriptors.length / POLL_BYTES
    if (count === 0) return false
    if (waits === 'here') return libc.pollHere(descriptors, count, LONGEST_WAIT_MS) > 0
    const waiting = libc.poll(descriptors, count, LONGEST_WAIT_MS)
    this.#waiting = waiting
    return (await waiting) > 0
  }
}
