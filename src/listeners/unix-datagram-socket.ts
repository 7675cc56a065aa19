import { closeSync } from 'node:fs'
import { type Libc, openSocket } from '../lib/libc.ts'

/**
 * A Unix socket that receives datagrams. It is read without ever waiting: a loop does that.
 *
 * Reading is one `recv` per datagram. `recvmmsg` would take many at once, but the kernel queues no more than
 * net.unix.max_dgram_qlen (10, or 512 where systemd runs), and measured from 10 to 512 it saved nothing: 516 ns of CPU
 * per datagram here, 586 there, for 4 MiB of buffers instead of 64 KiB. Looking at the socket by a timer instead of
 * `poll` costs twice the CPU and, with a queue of 10, loses whatever a client that does not wait sends in between.
 */
export class UnixDatagramSocket {
  readonly #libc: Libc
  readonly descriptor: number
  /** One byte more than is taken: a datagram that fills it is too long, on every system. */
  readonly #buffer = Buffer.allocUnsafeSlow(LONGEST_DATAGRAM_BYTES + 1 + SPARE_BYTES)
  #isClosed = false

  /** Throws the error of the system. */
  static bind(libc: Libc, path: string, receiveBufferBytes: number): UnixDatagramSocket {
    const { AF_UNIX, SOCK_DGRAM, SOL_SOCKET, SO_RCVBUF } = libc.constants
    const descriptor = openSocket(libc, AF_UNIX, SOCK_DGRAM)
    const address = encodeAddress(libc, path)
    if (libc.bind(descriptor, address, address.length) < 0) {
      const error = libc.lastError('bind')
      closeSync(descriptor)
      throw error
    }
    // macOS heeds it. Linux charges datagrams to the sender's buffer, and bounds the queue by their number.
    libc.setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, Int32Array.of(receiveBufferBytes), 4)
    return new UnixDatagramSocket(libc, descriptor)
  }

  private constructor(libc: Libc, descriptor: number) {
    this.#libc = libc
    this.descriptor = descriptor
  }

  /** The datagram that was received last, and behind it a few bytes that may be written to. Overwritten by the next. */
  get bytes(): Buffer {
    return this.#buffer
  }

  /** The length of the next datagram, which may be 0; -1 when there is none. Throws what the system says otherwise. */
  receive(): number {
    const { MSG_DONTWAIT } = this.#libc.constants
    const byteCount = this.#libc.recv(this.descriptor, this.#buffer, LONGEST_DATAGRAM_BYTES + 1, MSG_DONTWAIT)
    if (byteCount >= 0) return byteCount
    if (this.#libc.isTryAgain()) return -1
    throw this.#libc.lastError('recv')
  }

  /** Whoever sends from now on is told that nobody receives; what was sent before can be received. */
  shut(): void {
    // This ends a wait as well. macOS refuses it to a socket without a peer; then the wait ends by itself.
    this.#libc.shutdown(this.descriptor, this.#libc.constants.SHUT_RD)
  }

  /** Nobody may wait on it any more: a closed descriptor may be another file's by the time it is looked at. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.descriptor)
  }
}

/** A datagram of UDP cannot be longer, nor can a line. */
export const LONGEST_DATAGRAM_BYTES = 65_536

/** For an LF, and for what is read ahead. */
const SPARE_BYTES = 16

/** A struct sockaddr_un: the family in the machine's byte order, and the path with a NUL behind it. */
function encodeAddress({ constants }: Libc, path: string): Buffer {
  const pathBytes = Buffer.from(path)
  const address = Buffer.allocUnsafeSlow(2 + pathBytes.length + 1)
  if (constants.hasAddressLength) address.set([address.length, constants.AF_UNIX])
  else new Uint16Array(address.buffer, 0, 1)[0] = constants.AF_UNIX
  address.set(pathBytes, 2)
  address[address.length - 1] = 0
  return address
}
