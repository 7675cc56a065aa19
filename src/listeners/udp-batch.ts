import { isIPv4, isIPv6 } from 'node:net'
import type { Timer } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { bindHosts, type BoundSocket } from './bind-hosts.ts'
import type { DatagramInput } from './datagram-input.ts'
import type { DatagramSource } from './datagram-loop.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundAddress, Listener, ListenerOptions } from './listener.ts'
import { logGrantedBuffer, RECEIVE_BUFFER_BYTES } from './receive-buffer.ts'
import type { Sender } from './rejection-log.ts'
import { BATCH_DATAGRAMS, UdpBatchSocket } from './udp-batch-socket.ts'

export interface UdpBatchListenerOptions extends ListenerOptions {
  /** The loop of the thread that receives, and the calls of the system that it makes. */
  readonly datagrams: DatagramInput
  readonly receiveBufferBytes?: number
}

const DROPS_INTERVAL_MS = 1_000
/** One turn of the event loop takes no more in, so that others of the same thread have theirs. */
const BATCHES_PER_TURN = 16
/** Nor more bytes: 64 KB may be 30,000 lines, and a flood of such datagrams would hold others up for seconds. */
const BYTES_PER_TURN = 1_024 * 1_024
/** Of datagrams as large as those before, not more than this is received at once. */
const BYTES_PER_BATCH = 256 * 1_024
/** A flood never ends; then a stop goes on after this time. */
const LONGEST_DRAIN_MS = 250
const WARNING_INTERVAL_MS = 10_000
const LINE_FEED = 0x0a

/**
 * Datagrams of lines, many received at a time: one socket per host, all read by the loop of the thread. Each datagram stands
 * alone: its last line need not be terminated. Linux only; `udp.ts` is for the others, and promises the same.
 */
export function createUdpBatchListener(options: UdpBatchListenerOptions): Listener {
  return new UdpBatchListener(options)
}

class UdpBatchListener implements Listener {
  readonly name: string
  readonly #options: UdpBatchListenerOptions
  readonly #intake: LineIntake
  #opening: Promise<BoundAddress[]> | undefined
  #closing: Promise<void> | undefined
  #bound: BoundSocket<Receiver>[] = []
  #dropsTimer: Timer | undefined

  constructor(options: UdpBatchListenerOptions) {
    this.name = options.name
    this.#options = options
    this.#intake = new LineIntake(options)
  }

  open(): Promise<BoundAddress[]> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<BoundAddress[]> {
    this.#bound = await bindHosts(this.#options, {
      transport: 'udp',
      bind: async (host, port) => this.#bind(host, port),
      release: async (receiver) => receiver.socket.close(),
    })
    const { receiveBufferBytes = RECEIVE_BUFFER_BYTES, datagrams } = this.#options
    const granted = this.#bound.map(({ socket }) => socket.socket.receiveBufferBytes)
    logGrantedBuffer(this.#options, receiveBufferBytes, granted)
    for (const { socket } of this.#bound) datagrams.loop.add(socket)
    this.#countDropsLater()
    return this.#bound.map(({ host, port }) => ({ transport: 'udp', host, port }))
  }

  #bind(host: string, port: number): BoundSocket<Receiver> {
    const { hosts, isShared = false, receiveBufferBytes = RECEIVE_BUFFER_BYTES, datagrams } = this.#options
    const socket = UdpBatchSocket.bind(datagrams.libc, {
      host,
      port,
      // `::` alone means both families; beside an IPv4 address it would take that one's place.
      isIpv6Only: isIPv6(host) && hosts.some((other) => isIPv4(other)),
      isShared,
      receiveBufferBytes,
    })
    return { socket: new Receiver(socket, this.#intake, this.#options), host, port: socket.port }
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    this.#dropsTimer?.cancel()
    const { clock, datagrams } = this.#options
    const deadlineMs = clock.monotonicMs() + LONGEST_DRAIN_MS
    for (const { socket } of this.#bound) {
      await datagrams.loop.remove(socket)
      while (socket.takeIn() > 0 && clock.monotonicMs() < deadlineMs);
    }
    this.#countDrops()
    for (const { socket } of this.#bound) socket.socket.close()
    this.#bound = []
    this.#intake.close()
  }

  #countDropsLater(): void {
    if (this.#closing !== undefined) return
    this.#dropsTimer = this.#options.clock.after(DROPS_INTERVAL_MS, () => {
      this.#countDrops()
      this.#countDropsLater()
    })
  }

  #countDrops(): void {
    for (const { socket } of this.#bound) {
      const drops = socket.socket.takeDrops()
      if (drops > 0) this.#options.meter.kernelDrops.add(drops)
    }
  }
}

/** A socket as the loop sees it: reads batches and hands each datagram on. */
class Receiver implements DatagramSource {
  readonly socket: UdpBatchSocket
  readonly #intake: LineIntake
  readonly #options: UdpBatchListenerOptions
  readonly #sender: SenderInBatch
  #mostDatagrams = BATCH_DATAGRAMS
  #nextWarningMs = -Infinity

  constructor(socket: UdpBatchSocket, intake: LineIntake, options: UdpBatchListenerOptions) {
    this.socket = socket
    this.#intake = intake
    this.#options = options
    this.#sender = new SenderInBatch(socket)
  }

  get descriptor(): number {
    return this.socket.descriptor
  }

  takeIn(): number {
    let datagrams = 0
    let bytes = 0
    try {
      for (let batch = 0; batch < BATCHES_PER_TURN && bytes < BYTES_PER_TURN; batch++) {
        const most = this.#mostDatagrams
        const count = this.socket.receive(most)
        datagrams += count
        bytes += this.#takeBatch(count)
        if (count < most) break
      }
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      this.#warn(error)
    }
    return datagrams
  }

  /** Returns how many bytes it had. */
  #takeBatch(count: number): number {
    const { socket } = this
    const { memory } = socket
    if (count === 0) return 0
    let bytes = 0
    for (let index = 0; index < count; index++) bytes += socket.byteCountOf(index)
    this.#mostDatagrams = datagramsOf(bytes / count)
    this.#intake.beginPackets(count, bytes)
    for (let index = 0; index < count; index++) {
      const start = socket.startOf(index)
      let end = start + socket.byteCountOf(index)
      // The place behind a datagram is ours; with an LF there, its last line is as good as any.
      if (end > start && memory[end - 1] !== LINE_FEED) memory[end++] = LINE_FEED
      this.#sender.index = index
      this.#intake.takeBlock(memory, start, end, this.#sender)
    }
    return bytes
  }

  #warn(error: unknown): void {
    const { clock, log, name } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs < this.#nextWarningMs) return
    this.#nextWarningMs = nowMs + WARNING_INTERVAL_MS
    log.warn({ listener: name, reason: reasonOf(error) }, 'A socket reported an error.')
  }
}

/** How many datagrams of that many bytes are received at once. */
function datagramsOf(bytes: number): number {
  return Math.max(1, Math.min(BATCH_DATAGRAMS, Math.floor(BYTES_PER_BATCH / Math.max(1, bytes))))
}

/** Whoever sent a datagram of the batch. Its address is only read where somebody asks. */
class SenderInBatch implements Sender {
  index = 0
  readonly #socket: UdpBatchSocket

  constructor(socket: UdpBatchSocket) {
    this.#socket = socket
  }

  get address(): string {
    return this.#socket.senderOf(this.index).address
  }

  get port(): number {
    return this.#socket.senderOf(this.index).port ?? 0
  }
}
