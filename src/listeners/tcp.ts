import { createServer, isIPv4, type ListenOptions, type Server } from 'node:net'
import { reasonOf } from '../telemetry/errors.ts'
import { bindHosts, type BoundSocket } from './bind-hosts.ts'
import { drain } from './drain.ts'
import type { HeldPort } from './held-port.ts'
import { LineFramer } from './line-framer.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundAddress, Listener, ListenerOptions } from './listener.ts'
import { createPickleFramer } from './pickle-framer.ts'
import { StreamConnections, type StreamLimits } from './stream-connections.ts'

export interface TcpListenerOptions extends ListenerOptions, StreamLimits {
  /** What a stream is made of: lines, or carbon's pickles with their lengths, whose points are taken as lines. Lines if left out. */
  readonly framing?: 'lines' | 'pickle'
}

/** Streams, one server per host; the limits hold over all of them. */
export function createTcpListener(options: TcpListenerOptions): Listener {
  return new TcpListener(options)
}

class TcpListener implements Listener {
  readonly name: string
  readonly #options: TcpListenerOptions
  readonly #intake: LineIntake
  readonly #connections: StreamConnections
  #opening: Promise<BoundAddress[]> | undefined
  #closing: Promise<void> | undefined
  #bound: BoundSocket<Server>[] = []

  constructor(options: TcpListenerOptions) {
    this.name = options.name
    this.#options = options
    this.#intake = new LineIntake(options)
    this.#connections = new StreamConnections(options, this.#intake, (socket) => {
      const sender = { address: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 }
      return options.framing === 'pickle'
        ? createPickleFramer(this.#intake, sender)
        : new LineFramer(this.#intake, sender, options.format.maxLineBytes)
    })
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
    const { held } = this.#options
    this.#bound =
      held === undefined
        ? await bindHosts(this.#options, {
            transport: 'tcp',
            bind: (host, port) => this.#bind(host, port),
            release: (server) => this.#release([server]),
          })
        : await Promise.all(held.map((port) => this.#take(port)))
    if (this.#closing === undefined) this.#connections.closeIdleLater()
    return this.#bound.map(({ host, port }) => ({ transport: 'tcp', host, port }))
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    if (this.#bound.length > 0) {
      await drain(this.#options.clock, () => this.#intake.packetCount + this.#connections.acceptedCount)
      await this.#release(this.#bound.map(({ socket }) => socket))
      this.#bound = []
    }
    this.#connections.close()
    this.#intake.close()
  }

  /** A line that is not whole by now is cut off: half a number is a wrong one. */
  async #release(servers: readonly Server[]): Promise<void> {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    this.#connections.close()
    await Promise.all(closed)
  }

  #bind(host: string, port: number): Promise<BoundSocket<Server>> {
    return this.#listen(host, {
      host,
      port,
      exclusive: true,
      // `::` alone means both families; beside an IPv4 address it would take that one's place.
      ipv6Only: this.#options.hosts.some((other) => isIPv4(other)),
      reusePort: this.#options.isShared ?? false,
    })
  }

  #take({ host, descriptor }: HeldPort): Promise<BoundSocket<Server>> {
    return this.#listen(host, { fd: descriptor })
  }

  #listen(host: string, options: ListenOptions & { readonly fd?: number }): Promise<BoundSocket<Server>> {
    const server = createServer((socket) => this.#connections.accept(socket))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(options, () => {
        server.off('error', reject)
        server.on('error', (error) =>
          this.#connections.warn('A connection could not be accepted.', { reason: reasonOf(error) }),
        )
        const address = server.address()
        const port = typeof address === 'object' && address !== null ? address.port : (options.port ?? 0)
        resolve({ socket: server, host, port })
      })
    })
  }
}
