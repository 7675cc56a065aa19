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
const REST_MS = 10
/**
 * Where so many come at once more are on their way, and receiving many by one call is cheaper. While this thread naps, the
 * kernel keeps them: a tenth of what its smallest buffers hold, at a million a second.
 */
const CROWD_DATAGRAMS = 4
const NAP_MICROSECONDS = 60
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
    const wait = this.#options.waits === 'here' ? () => this.#waitHere() : () => this.#waitAside()
    let wasReadable = false
    while (this.#sources.length > 0) {
      if (this.#takeIn() > 0) {
        wasReadable = false
        // Others first; more has often come by then, and looking is cheaper than waiting.
        await nextTurn()
        continue
      }
      // Readable, and yet there was nothing: something is wrong, and must not keep a processor busy.
      if (wasReadable) await sleep(this.#options.clock, REST_MS)
      wasReadable = await wait()
    }
    this.#isRunning = false
  }

  #takeIn(): number {
    let datagrams = 0
    for (const source of this.#sources) datagrams += source.takeIn()
    return datagrams
  }

  async #waitAside(): Promise<boolean> {
    // The last one may have been removed while this rested.
    if (this.#sources.length === 0) return false
    const waiting = this.#options.libc.poll(this.#pollDescriptors, this.#sources.length, LONGEST_WAIT_MS)
    this.#waiting = waiting
    return (await waiting) > 0
  }

  /**
   * Waits, takes in what comes, and waits again: a turn of the event loop costs as much as a dozen datagrams, so the next
   * one comes when there was nothing for a whole wait, or when this has gone on for as long as one. Messages and timers that
   * are due come first.
   */
  async #waitHere(): Promise<boolean> {
    await nextTurn()
    const { libc, clock } = this.#options
    const endMs = clock.monotonicMs() + LONGEST_WAIT_MS
    for (
      let leftMs = LONGEST_WAIT_MS;
      leftMs > 0 && this.#sources.length > 0;
      leftMs = endMs - clock.monotonicMs()
    ) {
      if (libc.pollHere(this.#pollDescriptors, this.#sources.length, Math.ceil(leftMs)) <= 0) return false
      const datagrams = this.#takeIn()
      if (datagrams === 0) return true
      if (datagrams >= CROWD_DATAGRAMS) libc.napHere(NAP_MICROSECONDS)
    }
    return false
  }
}
