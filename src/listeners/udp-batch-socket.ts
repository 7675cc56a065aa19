import { closeSync } from 'node:fs'
import { SocketAddress } from 'node:net'
import { isV6Address } from '../lib/ip-family.ts'
import { type Libc, openSocket } from '../lib/libc.ts'
import type { Sender } from './rejection-log.ts'
import {
  ADDRESS_V4_OFFSET,
  ADDRESS_V6_BYTES,
  ADDRESS_V6_OFFSET,
  encodeAddress,
  PORT_OFFSET,
  portOf,
} from './socket-address.ts'

/** How many datagrams are received by one call, at most. */
export const BATCH_DATAGRAMS = 64

export interface UdpBatchSocketOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Of an IPv6 address: it means IPv6 alone. */
  readonly isIpv6Only: boolean
  /** Others of ours have the same port. */
  readonly isShared: boolean
  readonly receiveBufferBytes: number
}

/**
 * A socket of UDP whose datagrams are received many at a time, by `recvmmsg`, into memory that is made once:
 *
 *   memory     |datagram 0 ... |LF|datagram 1 ... |LF|      a place for each datagram of a batch, the largest there is
 *   vectors    |address, length|address, length|            where these places are
 *   messages   |..., sender, vector, length received| ...   what the kernel reads and fills in
 *   senders    |family, port, address| ...
 *
 * Behind each datagram there is a place for an LF and for what is read ahead. All of it is referenced for as long as the
 * socket is: the kernel writes to addresses, and does not know what a garbage collector has moved or freed.
 */
export class UdpBatchSocket {
  readonly descriptor: number
  readonly port: number
  /** What the kernel granted; it may be less than was asked for. */
  readonly receiveBufferBytes: number
  readonly memory = Buffer.allocUnsafeSlow(BATCH_DATAGRAMS * PLACE_BYTES)
  readonly #libc: Libc
  readonly #vectors = new BigUint64Array(BATCH_DATAGRAMS * 2)
  readonly #messages = new Uint8Array(BATCH_DATAGRAMS * MESSAGE_BYTES)
  readonly #messageView = new DataView(this.#messages.buffer)
  readonly #senders = new Uint8Array(BATCH_DATAGRAMS * SENDER_BYTES)
  readonly #memoryInfo = new Uint32Array(MEMINFO_WORDS)
  #batch = 0
  #drops = 0
  #isClosed = false

  /** Throws the error of the system. */
  static bind(libc: Libc, options: UdpBatchSocketOptions): UdpBatchSocket {
    const { AF_INET, AF_INET6, SOCK_DGRAM, SOL_SOCKET, SO_REUSEPORT, IPPROTO_IPV6, IPV6_V6ONLY } =
      libc.constants
    const isV6 = isV6Address(options.host)
    const descriptor = openSocket(libc, isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM)
    try {
      const yes = Int32Array.of(1)
      if (isV6)
        libc.setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, Int32Array.of(options.isIpv6Only ? 1 : 0), 4)
      if (options.isShared && libc.setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, yes, 4) < 0)
        throw libc.lastError('setsockopt')
      const address = encodeAddress(libc, options.host, options.port)
      if (libc.bind(descriptor, address, address.length) < 0) throw libc.lastError('bind')
      return new UdpBatchSocket(libc, descriptor, options)
    } catch (error) {
      closeSync(descriptor)
      throw error
    }
  }

  private constructor(libc: Libc, descriptor: number, { receiveBufferBytes }: UdpBatchSocketOptions) {
    this.#libc = libc
    this.descriptor = descriptor
    this.receiveBufferBytes = this.#requestBuffer(receiveBufferBytes)
    this.port = portOf(libc, descriptor)

    const memoryAt = libc.addressOf(this.memory)
    const vectorsAt = libc.addressOf(new Uint8Array(this.#vectors.buffer))
    const sendersAt = libc.addressOf(this.#senders)
    for (let index = 0; index < BATCH_DATAGRAMS; index++) {
      this.#vectors[index * 2] = memoryAt + BigInt(index * PLACE_BYTES)
      this.#vectors[index * 2 + 1] = BigInt(LONGEST_DATAGRAM_BYTES)
      const message = index * MESSAGE_BYTES
      this.#messageView.setBigUint64(message + NAME, sendersAt + BigInt(index * SENDER_BYTES), true)
      this.#messageView.setUint32(message + NAME_BYTES, SENDER_BYTES, true)
      this.#messageView.setBigUint64(message + VECTORS, vectorsAt + BigInt(index * VECTOR_BYTES), true)
      this.#messageView.setBigUint64(message + VECTOR_COUNT, 1n, true)
    }
  }

  /**
   * Receives a batch of at most so many without waiting, in the place of the one before; the number of datagrams. Throws what
   * the system says.
   */
  receive(most = BATCH_DATAGRAMS): number {
    // The kernel writes there how long each sender's address was.
    for (let index = 0; index < this.#batch; index++)
      this.#messageView.setUint32(index * MESSAGE_BYTES + NAME_BYTES, SENDER_BYTES, true)
    const { MSG_DONTWAIT } = this.#libc.constants
    const count = this.#libc.recvmmsg(this.descriptor, this.#messages, most, MSG_DONTWAIT, null)
    this.#batch = Math.max(0, count)
    if (count >= 0) return count
    if (this.#libc.isTryAgain()) return 0
    throw this.#libc.lastError('recvmmsg')
  }

  /** Where a datagram of the batch begins in `memory`. Up to 16 bytes behind it may be written to. */
  startOf(index: number): number {
    return index * PLACE_BYTES
  }

  byteCountOf(index: number): number {
    return this.#messageView.getUint32(index * MESSAGE_BYTES + LENGTH, true)
  }

  senderOf(index: number): Sender {
    const at = index * SENDER_BYTES
    const view = new DataView(this.#senders.buffer, at, SENDER_BYTES)
    const isV6 = view.getUint16(0, true) === this.#libc.constants.AF_INET6
    return { address: decodeHost(view, isV6), port: view.getUint16(PORT_OFFSET) }
  }

  /** How many datagrams the kernel dropped, for want of room, since this was last asked. */
  takeDrops(): number {
    const { SOL_SOCKET, SO_MEMINFO } = this.#libc.constants
    const lengthBytes = Uint32Array.of(this.#memoryInfo.byteLength)
    if (this.#libc.getsockopt(this.descriptor, SOL_SOCKET, SO_MEMINFO, this.#memoryInfo, lengthBytes) < 0)
      return 0
    const drops = this.#memoryInfo[MEMINFO_DROPS] ?? 0
    // The kernel counts with 32 bits.
    const fresh = (drops - this.#drops) >>> 0
    this.#drops = drops
    return fresh
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.descriptor)
  }

  /** More than net.core.rmem_max is for administrators only; others are granted that at most. */
  #requestBuffer(bytes: number): number {
    const { SOL_SOCKET, SO_RCVBUF, SO_RCVBUFFORCE } = this.#libc.constants
    const wanted = Int32Array.of(bytes)
    if (this.#libc.setsockopt(this.descriptor, SOL_SOCKET, SO_RCVBUFFORCE, wanted, 4) < 0)
      this.#libc.setsockopt(this.descriptor, SOL_SOCKET, SO_RCVBUF, wanted, 4)
    const granted = new Uint32Array(1)
    this.#libc.getsockopt(this.descriptor, SOL_SOCKET, SO_RCVBUF, granted, Uint32Array.of(4))
    // It reports the double, its own bookkeeping counted in.
    return (granted[0] ?? 0) / 2
  }
}

/** The largest there is of UDP is a little shorter. */
const LONGEST_DATAGRAM_BYTES = 65_536
/** An odd number of cache lines, so that the beginnings of a batch's datagrams do not compete for the same ones. */
const PLACE_BYTES = LONGEST_DATAGRAM_BYTES + 3 * 64

/** struct iovec: address, length. */
const VECTOR_BYTES = 16
/** struct mmsghdr: a struct msghdr of 56 bytes, the length received, padding. */
const MESSAGE_BYTES = 64
const NAME = 0
const NAME_BYTES = 8
const VECTORS = 16
const VECTOR_COUNT = 24
const LENGTH = 56

/** Of either family. */
const SENDER_BYTES = ADDRESS_V6_BYTES

const MEMINFO_WORDS = 9
const MEMINFO_DROPS = 8

function decodeHost(view: DataView, isV6: boolean): string {
  const words = Array.from({ length: isV6 ? 8 : 0 }, (_, index) =>
    view.getUint16(ADDRESS_V6_OFFSET + index * 2),
  )
  if (isV6) {
    const address = words.map((word) => word.toString(16)).join(':')
    return new SocketAddress({ address, family: 'ipv6' }).address
  }
  return Array.from({ length: 4 }, (_, index) => view.getUint8(ADDRESS_V4_OFFSET + index)).join('.')
}
