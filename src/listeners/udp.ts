import { createSocket, type Socket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import type { Timer } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { bindHosts, type BoundSocket } from './bind-hosts.ts'
import { drain } from './drain.ts'
import { type KernelDrops, watchKernelDrops } from './kernel-drops.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundAddress, Listener, ListenerOptions } from './listener.ts'
import { logGrantedBuffer, RECEIVE_BUFFER_BYTES } from './receive-buffer.ts'

export interface UdpListenerOptions extends ListenerOptions {
  /** What the kernel is asked to hold for us while we are busy. It may grant less. */
  readonly receiveBufferBytes?: number
}

const DROPS_INTERVAL_MS = 1_000

/**
 * Datagrams of lines, one socket per host. Each datagram stands alone: its last line need not be terminated.
 *
 * Binding is plain, so that a port which another program holds is refused even if that one would share it: with
 * SO_REUSEADDR or SO_REUSEPORT the two would each get some of the packets, and nobody would be told.
 */
export function createUdpListener(options: UdpListenerOptions): Listener {
  return new UdpListener(options)
}

class UdpListener implements Listener {
  readonly name: string
  readonly #options: UdpListenerOptions
  readonly #intake: LineIntake
  #opening: Promise<BoundAddress[]> | undefined
  #closing: Promise<void> | undefined
  #bound: BoundSocket<Socket>[] = []
  #kernelDrops: KernelDrops | undefined
  #dropsTimer: Timer | undefined

  constructor(options: UdpListenerOptions) {
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
      bind: (host, port) => this.#bind(host, port),
      release: closeSocket,
    })
    this.#requestBuffers()
    this.#kernelDrops = await watchKernelDrops(this.#bound.flatMap(({ socket }) => descriptorOf(socket)))
    this.#countDropsLater()
    return this.#bound.map(({ host, port }) => ({ transport: 'udp', host, port }))
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    if (this.#bound.length > 0) await drain(this.#options.clock, () => this.#intake.packetCount)
    this.#dropsTimer?.cancel()
    await this.#countDrops()
    await Promise.all(this.#bound.map(({ socket }) => closeSocket(socket)))
    this.#bound = []
    this.#intake.close()
  }

  #bind(host: string, port: number): Promise<BoundSocket<Socket>> {
    const socket = createSocket({
      type: isIPv6(host) ? 'udp6' : 'udp4',
      // `::` alone means both families; beside an IPv4 address it would take that one's place.
      ipv6Only: isIPv6(host) && this.#options.hosts.some((other) => isIPv4(other)),
      reusePort: this.#options.isShared ?? false,
    })
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        socket.close()
        reject(error)
      }
      socket.once('error', fail)
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.off('error', fail)
        socket.on('error', (error) => {
          this.#options.log.warn(
            { listener: this.name, reason: reasonOf(error) },
            'A socket reported an error.',
          )
        })
        socket.on('message', (bytes, sender) => {
          this.#intake.beginPacket(bytes.length)
          this.#intake.takePacket(bytes, 0, bytes.length, sender)
        })
        resolve({ socket, host, port: socket.address().port })
      })
    })
  }

  #requestBuffers(): void {
    const { receiveBufferBytes = RECEIVE_BUFFER_BYTES } = this.#options
    const granted = this.#bound.map(({ socket }) => requestBuffer(socket, receiveBufferBytes))
    logGrantedBuffer(this.#options, receiveBufferBytes, granted)
  }

  #countDropsLater(): void {
    if (this.#kernelDrops === undefined || this.#closing !== undefined) return
    this.#dropsTimer = this.#options.clock.after(DROPS_INTERVAL_MS, () => {
      void this.#countDrops().finally(() => this.#countDropsLater())
    })
  }

  async #countDrops(): Promise<void> {
    const fresh = await this.#kernelDrops?.readNew()
    if (fresh !== undefined && fresh > 0) this.#options.meter.kernelDrops.add(fresh)
  }
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve())
  })
}

/** Asks for a receive buffer and says what there is. Linux counts its own bookkeeping in and reports the double. */
function requestBuffer(socket: Socket, bytes: number): number {
  try {
    socket.setRecvBufferSize(bytes)
  } catch {
    // The system refuses instead of granting what it can; its default stays.
  }
  const reportedBytes = socket.getRecvBufferSize()
  return process.platform === 'linux' ? reportedBytes / 2 : reportedBytes
}

/**
 * Node does not publish the descriptor of a datagram socket, and warns about the property that once had it; it stands
 * in the socket's state, under a symbol. Where it is not found, drops are not counted: a test would tell.
 */
function descriptorOf(socket: Socket): number[] {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const descriptor = property(property(property(socket, symbol), 'handle'), 'fd')
    if (typeof descriptor === 'number' && descriptor >= 0) return [descriptor]
  }
  return []
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
