import { createServer, isIPv4, type Server, type Socket } from 'node:net'
import type { Timer } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import { bindHosts, type BoundSocket } from './bind-hosts.ts'
import { drain } from './drain.ts'
import { LineFramer } from './line-framer.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundAddress, Listener, ListenerOptions } from './listener.ts'

export interface TcpListenerOptions extends ListenerOptions {
  /** Over all hosts; one more is closed as soon as it is accepted. */
  readonly maxConnections?: number
  /** A connection that sends nothing for so long is closed. Generous: many clients keep one open for rare lines. */
  readonly idleTimeoutMs?: number
}

const MAX_CONNECTIONS = 1_000
const IDLE_TIMEOUT_MS = 600_000
const IDLE_CHECK_MS = 10_000
const WARNING_INTERVAL_MS = 10_000

/** Streams of lines, one server per host. Nothing is ever written to a client. */
export function createTcpListener(options: TcpListenerOptions): Listener {
  return new TcpListener(options)
}

interface Connection {
  readonly socket: Socket
  readonly framer: LineFramer
  lastReadMs: number
}

class TcpListener implements Listener {
  readonly name: string
  readonly #options: TcpListenerOptions
  readonly #intake: LineIntake
  readonly #connections = new Set<Connection>()
  readonly #maxConnections: number
  readonly #idleTimeoutMs: number
  #opening: Promise<BoundAddress[]> | undefined
  #closing: Promise<void> | undefined
  #bound: BoundSocket<Server>[] = []
  #idleTimer: Timer | undefined
  #acceptedCount = 0
  #nextWarningMs = -Infinity

  constructor(options: TcpListenerOptions) {
    this.name = options.name
    this.#options = options
    this.#intake = new LineIntake(options)
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS
    this.#idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS
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
      transport: 'tcp',
      bind: (host, port) => this.#bind(host, port),
      release: (server) => this.#release([server]),
    })
    if (this.#closing === undefined) this.#closeIdleLater()
    return this.#bound.map(({ host, port }) => ({ transport: 'tcp', host, port }))
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    this.#idleTimer?.cancel()
    if (this.#bound.length > 0) {
      await drain(this.#options.clock, () => this.#intake.packetCount + this.#acceptedCount)
      await this.#release(this.#bound.map(({ socket }) => socket))
      this.#bound = []
    }
    this.#intake.close()
  }

  /** A line that is not whole by now is cut off: half a number is a wrong one. */
  async #release(servers: readonly Server[]): Promise<void> {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const connection of this.#connections) this.#drop(connection)
    await Promise.all(closed)
  }

  #bind(host: string, port: number): Promise<BoundSocket<Server>> {
    const server = createServer((socket) => this.#accept(socket))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      const options = {
        host,
        port,
        exclusive: true,
        // `::` alone means both families; beside an IPv4 address it would take that one's place.
        ipv6Only: this.#options.hosts.some((other) => isIPv4(other)),
        reusePort: this.#options.isShared ?? false,
      }
      server.listen(options, () => {
        server.off('error', reject)
        server.on('error', (error) =>
          this.#warn('A connection could not be accepted.', { reason: reasonOf(error) }),
        )
        const address = server.address()
        resolve({
          socket: server,
          host,
          port: typeof address === 'object' && address !== null ? address.port : port,
        })
      })
    })
  }

  #accept(socket: Socket): void {
    this.#acceptedCount++
    // A reset is an ordinary end; 'close' follows.
    socket.on('error', () => undefined)
    if (this.#connections.size >= this.#maxConnections) {
      this.#options.meter.refusedConnections.add(1)
      this.#warn('Connections are refused: too many are open.', { limit: this.#maxConnections })
      socket.destroy()
      return
    }

    const { clock, format } = this.#options
    const sender = { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 }
    const framer = new LineFramer(this.#intake, sender, format.maxLineBytes)
    const connection: Connection = { socket, framer, lastReadMs: clock.monotonicMs() }
    this.#connections.add(connection)
    this.#options.meter.connections.set(this.#connections.size)

    socket.on('data', (bytes: Buffer) => {
      connection.lastReadMs = clock.monotonicMs()
      this.#intake.beginPacket(bytes.length)
      framer.push(bytes)
    })
    socket.on('end', () => framer.end())
    socket.on('close', () => this.#drop(connection))
  }

  /** Ends a connection, or takes note that it has ended; twice does no harm. */
  #drop(connection: Connection): void {
    connection.socket.destroy()
    connection.framer.abort()
    this.#connections.delete(connection)
    this.#options.meter.connections.set(this.#connections.size)
  }

  #closeIdleLater(): void {
    const { clock } = this.#options
    this.#idleTimer = clock.after(Math.min(IDLE_CHECK_MS, this.#idleTimeoutMs), () => {
      const oldestReadMs = clock.monotonicMs() - this.#idleTimeoutMs
      for (const connection of this.#connections) {
        if (connection.lastReadMs <= oldestReadMs) this.#drop(connection)
      }
      this.#closeIdleLater()
    })
  }

  /** What the outside can bring about at will is said at most once in 10 seconds. */
  #warn(message: string, fields: Readonly<Record<string, string | number>>): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#nextWarningMs) return
    this.#nextWarningMs = nowMs + WARNING_INTERVAL_MS
    this.#options.log.warn({ listener: this.name, ...fields }, message)
  }
}
