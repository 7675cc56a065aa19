import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

export interface UdpAddress {
  readonly host: string
  readonly port: number
}

/**
 * Sends datagrams to one peer. Its name is looked up before each batch, not for each datagram; whether they arrive nobody knows. The
 * next one is handed over when the system has taken the one before, so that a batch does not run over the peer's buffer faster than it has to.
 */
export class UdpSender {
  readonly #address: UdpAddress
  readonly #sockets = new Map<4 | 6, Socket>()
  #isClosed = false

  constructor(address: UdpAddress) {
    this.#address = address
  }

  /** Resolves when the system took them all. Rejects with an Error that says why, or with the signal's reason. */
  async send(packets: Iterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const peer = await this.#resolve()
    const socket = this.#socketOf(peer.family)
    for (const packet of packets) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        socket.send(packet, this.#address.port, peer.address, (error) => {
          if (error === null) resolve()
          else reject(error)
        })
      })
    }
  }

  /** Safe to call twice. */
  close(): void {
    this.#isClosed = true
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  async #resolve(): Promise<{ readonly address: string; readonly family: 4 | 6 }> {
    const { host } = this.#address
    const literal = isIP(host)
    if (literal !== 0) return { address: host, family: literal === 6 ? 6 : 4 }
    // `localhost` may stand for both; what receives datagrams more often listens on the first.
    const { address, family } = await lookup(host, { order: 'ipv4first' })
    return { address, family: family === 6 ? 6 : 4 }
  }

  #socketOf(family: 4 | 6): Socket {
    if (this.#isClosed) throw new Error('it is closed')
    let socket = this.#sockets.get(family)
    if (socket === undefined) {
      socket = createSocket(family === 6 ? 'udp6' : 'udp4')
      // Each sending learns of its own error; others of a socket that only sends mean nothing.
      socket.on('error', () => {})
      socket.unref()
      this.#sockets.set(family, socket)
    }
    return socket
  }
}
