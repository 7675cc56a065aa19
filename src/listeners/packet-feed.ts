import type { Clock, Timer } from '../lib/clock.ts'
import type { PacketSender } from '../model/packet-batch.ts'
import type { Sender } from './rejection-log.ts'

/** Packets on their way to another thread: those of a PacketBatch, with each sender once. The memory moves. */
export interface PackedPackets {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Uint32Array<ArrayBuffer>
  readonly senders: readonly PacketSender[]
  /** Packet i is of `senders[senderOf[i]]`. */
  readonly senderOf: Uint16Array<ArrayBuffer>
}

export interface PacketFeedOptions {
  readonly clock: Clock
  /** Hands them over; false: they cannot be, now. */
  readonly send: (packets: PackedPackets) => boolean
  /** So many were given up. */
  readonly onDropped: (packets: number) => void
}

/** What of packets is copied. Looking up who sent each costs as much as the rest. */
export type PacketFeedMode = 'off' | 'packets' | 'packets-and-senders'

const BATCH_BYTES = 65_536
const BATCH_PACKETS = 4_096
/** How long a packet waits for others, in milliseconds. */
const LONGEST_WAIT_MS = 20
const LINE_FEED = 0x0a
const NOBODY: PacketSender = { address: '', port: 0 }

/**
 * Copies what is received, as it came but for LFs at its end, for sinks that pass it on. It never waits: what cannot be handed over is lost and
 * counted. While no sink asks, who takes in asks `isOn` once for each block of lines, and nothing more.
 */
export class PacketFeed {
  readonly #options: PacketFeedOptions
  #mode: PacketFeedMode = 'off'
  #bytes: Uint8Array<ArrayBuffer> | undefined
  #usedBytes = 0
  #ends: number[] = []
  #senders = new Map<string, number>()
  #senderList: PacketSender[] = []
  #senderOf: number[] = []
  #timer: Timer | undefined

  constructor(options: PacketFeedOptions) {
    this.#options = options
  }

  get isOn(): boolean {
    return this.#mode !== 'off'
  }

  setMode(mode: PacketFeedMode): void {
    if (mode !== this.#mode) this.flush()
    this.#mode = mode
    if (mode === 'off') this.#bytes = undefined
  }

  take(bytes: Uint8Array, start: number, end: number, sender: Sender): void {
    let realEnd = end
    while (realEnd > start && bytes[realEnd - 1] === LINE_FEED) realEnd -= 1
    const length = realEnd - start
    if (length === 0) return
    if (this.#usedBytes + length > BATCH_BYTES || this.#ends.length === BATCH_PACKETS) this.flush()
    if (length > BATCH_BYTES) return this.#sendAlone(bytes.slice(start, realEnd), sender)
    this.#bytes ??= new Uint8Array(BATCH_BYTES)
    this.#bytes.set(bytes.subarray(start, realEnd), this.#usedBytes)
    this.#usedBytes += length
    this.#ends.push(this.#usedBytes)
    this.#senderOf.push(this.#numberOf(sender))
    this.#timer ??= this.#options.clock.after(LONGEST_WAIT_MS, () => this.flush())
  }

  /** Hands over what there is. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#ends.length === 0 || this.#bytes === undefined) return
    this.#send({
      bytes: this.#bytes.slice(0, this.#usedBytes),
      ends: Uint32Array.from(this.#ends),
      senders: this.#senderList,
      senderOf: Uint16Array.from(this.#senderOf),
    })
    this.#usedBytes = 0
    this.#ends = []
    this.#senders = new Map()
    this.#senderList = []
    this.#senderOf = []
  }

  #sendAlone(bytes: Uint8Array, sender: Sender): void {
    const own = new Uint8Array(bytes)
    this.#send({
      bytes: own,
      ends: Uint32Array.of(own.length),
      senders: [this.#mode === 'packets' ? NOBODY : toPacketSender(sender)],
      senderOf: Uint16Array.of(0),
    })
  }

  #send(packets: PackedPackets): void {
    if (!this.#options.send(packets)) this.#options.onDropped(packets.ends.length)
  }

  #numberOf(sender: Sender): number {
    const known = this.#mode === 'packets' ? NOBODY : toPacketSender(sender)
    const key = `${known.address} ${known.port}`
    const number = this.#senders.get(key)
    if (number !== undefined) return number
    this.#senders.set(key, this.#senderList.length)
    return this.#senderList.push(known) - 1
  }
}

function toPacketSender({ address, port = 0 }: Sender): PacketSender {
  return { address, port }
}
