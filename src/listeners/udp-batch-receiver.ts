import { isV6Address } from '../lib/ip-family.ts'
import { reasonOf } from '../telemetry/errors.ts'
import type { DatagramInput } from './datagram-input.ts'
import type { DatagramSource } from './datagram-loop.ts'
import type { LineIntake } from './line-intake.ts'
import type { Sender } from './rejection-log.ts'
import { BATCH_DATAGRAMS, UdpBatchSocket } from './udp-batch-socket.ts'
import type { BindUdp, UdpListenerOptions, UdpReceiver } from './udp.ts'

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

/** Many datagrams at a time, read by the loop of the thread. Linux only. */
export function batchReceiver(input: DatagramInput): BindUdp {
  return async (options, { host, port, receiveBufferBytes }, intake) => {
    const { hosts, isShared = false } = options
    const socket = UdpBatchSocket.bind(input.libc, {
      host,
      port,
      // `::` alone means both families; beside an IPv4 address it would take that one's place.
      isIpv6Only: isV6Address(host) && !hosts.every(isV6Address),
      isShared,
      receiveBufferBytes,
    })
    const receiver = new BatchReceiver({ socket, intake, input, options })
    input.loop.add(receiver)
    return receiver
  }
}

interface BatchReceiverParts {
  readonly socket: UdpBatchSocket
  readonly intake: LineIntake
  readonly input: DatagramInput
  readonly options: UdpListenerOptions
}

class BatchReceiver implements UdpReceiver, DatagramSource {
  readonly port: number
  readonly descriptor: number
  readonly receiveBufferBytes: number
  readonly #parts: BatchReceiverParts
  readonly #sender: SenderInBatch
  #mostDatagrams = BATCH_DATAGRAMS
  #nextWarningMs = -Infinity

  constructor(parts: BatchReceiverParts) {
    const { port, descriptor, receiveBufferBytes } = parts.socket
    this.port = port
    this.descriptor = descriptor
    this.receiveBufferBytes = receiveBufferBytes
    this.#parts = parts
    this.#sender = new SenderInBatch(parts.socket)
  }

  async stop(): Promise<void> {
    const { input, options } = this.#parts
    await input.loop.remove(this)
    const deadlineMs = options.clock.monotonicMs() + LONGEST_DRAIN_MS
    while (this.takeIn() > 0 && options.clock.monotonicMs() < deadlineMs);
  }

  async takeDrops(): Promise<number> {
    return this.#parts.socket.takeDrops()
  }

  async close(): Promise<void> {
    this.#parts.socket.close()
  }

  takeIn(): number {
    const { socket } = this.#parts
    let datagrams = 0
    let bytes = 0
    try {
      for (let batch = 0; batch < BATCHES_PER_TURN && bytes < BYTES_PER_TURN; batch++) {
        const most = this.#mostDatagrams
        const count = socket.receive(most)
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
    const { socket, intake } = this.#parts
    const { memory } = socket
    if (count === 0) return 0
    let bytes = 0
    for (let index = 0; index < count; index++) bytes += socket.byteCountOf(index)
    this.#mostDatagrams = datagramsOf(bytes / count)
    intake.beginPackets(count, bytes)
    for (let index = 0; index < count; index++) {
      const start = socket.startOf(index)
      let end = start + socket.byteCountOf(index)
      // The place behind a datagram is ours; with an LF there, its last line is as good as any.
      if (end > start && memory[end - 1] !== LINE_FEED) memory[end++] = LINE_FEED
      this.#sender.index = index
      intake.takeBlock(memory, start, end, this.#sender)
    }
    return bytes
  }

  #warn(error: unknown): void {
    const { clock, log, name } = this.#parts.options
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
