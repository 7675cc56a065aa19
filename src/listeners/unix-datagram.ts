import { readFile } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../lib/clock.ts'
import { type Libc, loadLibc } from '../lib/libc.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { boundUrl } from './bound-url.ts'
import type { DatagramInput } from './datagram-input.ts'
import { DatagramLoop, type DatagramSource } from './datagram-loop.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundPath, Listener, UnixListenerOptions } from './listener.ts'
import type { Sender } from './rejection-log.ts'
import { pathUnavailable } from './unix-bind-error.ts'
import { UnixBinding } from './unix-binding.ts'
import { LONGEST_DATAGRAM_BYTES, UnixDatagramSocket } from './unix-datagram-socket.ts'

export interface UnixDatagramListenerOptions extends UnixListenerOptions {
  readonly receiveBufferBytes?: number
  /** Of a thread that has such a loop; otherwise the listener reads in one of its own. */
  readonly datagrams?: DatagramInput
  /** Another one for tests. */
  readonly loadLibc?: () => Promise<Libc>
}

const RECEIVE_BUFFER_BYTES = 8 * 1_024 * 1_024
/** One turn of the event loop takes no more in, so that others of the same thread have theirs. */
const DATAGRAMS_PER_TURN = 256
const BYTES_PER_TURN = 1_024 * 1_024
/** Where the system does not let a socket refuse more, and somebody floods it, a stop goes on after this time. */
const LONGEST_DRAIN_MS = 250
const WARNING_INTERVAL_MS = 10_000
const LINE_FEED = 0x0a
/** Where systemd runs it is 512; the kernel's own default of 10 is filled in a millisecond. */
const SHORT_QUEUE_DATAGRAMS = 128

/** Datagrams of lines on a Unix socket. Each stands alone: its last line need not be terminated. */
export function createUnixDatagramListener(options: UnixDatagramListenerOptions): Listener<BoundPath> {
  return new UnixDatagramListener(options)
}

/** A socket as the loop sees it. */
interface Receiver extends DatagramSource {
  readonly socket: UnixDatagramSocket
}

class UnixDatagramListener implements Listener<BoundPath> {
  readonly name: string
  readonly #options: UnixDatagramListenerOptions
  readonly #intake: LineIntake
  readonly #binding: UnixBinding<Receiver>
  readonly #sender: Sender
  #input: DatagramInput | undefined
  #opening: Promise<BoundPath[]> | undefined
  #closing: Promise<void> | undefined
  #nextWarningMs = -Infinity

  constructor(options: UnixDatagramListenerOptions) {
    this.name = options.name
    this.#options = options
    this.#intake = new LineIntake(options)
    this.#sender = { address: boundUrl({ transport: 'unix-datagram', path: options.path }) }
    this.#binding = new UnixBinding({
      ...options,
      transport: 'unix-datagram',
      bind: async (path) => this.#bind(path),
      release: (receiver) => this.#release(receiver),
    })
  }

  open(): Promise<BoundPath[]> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<BoundPath[]> {
    const { path, clock } = this.#options
    try {
      this.#input = this.#options.datagrams ?? (await openInput(clock, this.#options.loadLibc))
    } catch (error) {
      throw pathUnavailable({ ...this.#options, transport: 'unix-datagram' }, reasonOf(error), error)
    }
    await this.#binding.open()
    await this.#logQueue()
    return [{ transport: 'unix-datagram', path }]
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    await this.#binding.close()
    this.#intake.close()
  }

  #bind(path: string): Receiver {
    const { libc, loop } = this.#requireInput()
    const bufferBytes = this.#options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES
    const socket = UnixDatagramSocket.bind(libc, path, bufferBytes)
    const { descriptor } = socket
    const receiver: Receiver = { socket, descriptor, takeIn: () => this.#takeIn(socket) }
    loop.add(receiver)
    return receiver
  }

  /** Nothing that a client was told is sent is lost: first the socket refuses more, then it is read to its end. */
  async #release(receiver: Receiver): Promise<void> {
    await this.#requireInput().loop.remove(receiver)
    receiver.socket.shut()
    const { clock } = this.#options
    const deadlineMs = clock.monotonicMs() + LONGEST_DRAIN_MS
    while (this.#takeIn(receiver.socket) > 0 && clock.monotonicMs() < deadlineMs) await nextTurn()
    receiver.socket.close()
  }

  #requireInput(): DatagramInput {
    if (this.#input === undefined) throw new Error('BUG: bound before it was opened')
    return this.#input
  }

  /** Takes in what has arrived, up to a bound; the number of datagrams. */
  #takeIn(socket: UnixDatagramSocket): number {
    let datagrams = 0
    let bytes = 0
    try {
      while (datagrams < DATAGRAMS_PER_TURN && bytes < BYTES_PER_TURN) {
        const byteCount = socket.receive()
        if (byteCount < 0) break
        datagrams++
        bytes += byteCount
        this.#take(socket.bytes, byteCount)
      }
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.#warn(error)
    }
    return datagrams
  }

  #take(bytes: Buffer, byteCount: number): void {
    this.#intake.beginPacket(byteCount)
    if (byteCount > LONGEST_DATAGRAM_BYTES) {
      this.#intake.rejectLine('too_long', bytes, 0, byteCount, this.#sender)
      return
    }
    // With an LF behind it the last line is as good as any.
    bytes[byteCount] = LINE_FEED
    this.#intake.takeBlock(bytes, 0, byteCount + 1, this.#sender)
  }

  async #logQueue(): Promise<void> {
    const text = await readFile('/proc/sys/net/unix/max_dgram_qlen', 'latin1').catch(() => '')
    const queuedDatagrams = Number.parseInt(text, 10)
    if (Number.isNaN(queuedDatagrams) || queuedDatagrams >= SHORT_QUEUE_DATAGRAMS) return
    this.#options.log.info(
      { listener: this.name, queuedDatagrams },
      'The kernel queues few datagrams on Unix sockets, and refuses more to clients that do not wait; raise net.unix.max_dgram_qlen to 512 and start again.',
    )
  }

  #warn(error: unknown): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#nextWarningMs) return
    this.#nextWarningMs = nowMs + WARNING_INTERVAL_MS
    this.#options.log.warn({ listener: this.name, reason: reasonOf(error) }, 'A socket reported an error.')
  }
}

async function openInput(clock: Clock, load = loadLibc): Promise<DatagramInput> {
  const libc = await load()
  return { libc, loop: new DatagramLoop({ libc, clock, waits: 'aside' }) }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
