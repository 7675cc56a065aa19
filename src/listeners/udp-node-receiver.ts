import { type BindOptions, createSocket, type Socket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import type { Clock } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { drain } from './drain.ts'
import { type KernelDrops, watchKernelDrops } from './kernel-drops.ts'
import type { LineIntake } from './line-intake.ts'
import type { BindUdp, UdpReceiver } from './udp.ts'

/** Node's own sockets, which read one datagram at a time, on every system. */
export const bindNodeReceiver: BindUdp = async (
  options,
  { host, port, descriptor, receiveBufferBytes },
  intake,
) => {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    // `::` alone means both families; beside an IPv4 address it would take that one's place.
    ipv6Only: isIPv6(host) && options.hosts.some((other) => isIPv4(other)),
    reusePort: options.isShared ?? false,
  })
  socket.on('message', (bytes, sender) => {
    intake.beginPacket(bytes.length)
    intake.takePacket(bytes, 0, bytes.length, sender)
  })
  await bind(socket, descriptor === undefined ? { address: host, port, exclusive: true } : { fd: descriptor })
  socket.on('error', (error) => {
    options.log.warn({ listener: options.name, reason: reasonOf(error) }, 'A socket reported an error.')
  })
  return new NodeReceiver({
    socket,
    intake,
    clock: options.clock,
    receiveBufferBytes: requestBuffer(socket, receiveBufferBytes),
    kernelDrops: await watchKernelDrops(descriptorOf(socket)),
  })
}

interface NodeReceiverParts {
  readonly socket: Socket
  readonly intake: LineIntake
  readonly clock: Clock
  readonly receiveBufferBytes: number
  readonly kernelDrops: KernelDrops | undefined
}

class NodeReceiver implements UdpReceiver {
  readonly port: number
  readonly receiveBufferBytes: number
  readonly #parts: NodeReceiverParts

  constructor(parts: NodeReceiverParts) {
    this.port = parts.socket.address().port
    this.receiveBufferBytes = parts.receiveBufferBytes
    this.#parts = parts
  }

  async stop(): Promise<void> {
    const { clock, intake } = this.#parts
    await drain(clock, () => intake.packetCount)
  }

  async takeDrops(): Promise<number> {
    return (await this.#parts.kernelDrops?.readNew()) ?? 0
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.socket.close(() => resolve())
    })
  }
}

function bind(socket: Socket, options: BindOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', fail)
    socket.bind(options, () => {
      socket.off('error', fail)
      resolve()
    })
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
