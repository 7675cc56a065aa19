import { createServer, type Server } from 'node:net'
import { reasonOf } from '../telemetry/errors.ts'
import { boundUrl } from './bound-url.ts'
import { drain } from './drain.ts'
import { LengthFramer } from './length-framer.ts'
import { LineFramer } from './line-framer.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundPath, Listener, UnixListenerOptions } from './listener.ts'
import { StreamConnections, type StreamFramer, type StreamLimits } from './stream-connections.ts'
import { UnixBinding } from './unix-binding.ts'

export interface UnixStreamListenerOptions extends UnixListenerOptions, StreamLimits {
  /** How clients part what they send: Datadog's by a length in front, `nc` and etsy's by LF. Without it `length`. */
  readonly framing?: 'length' | 'lines'
  /** A longer frame ends its connection. */
  readonly maxFrameBytes?: number
}

/** As much as a datagram may have; Datadog's agent takes 8 KiB, and its clients send no more unless they are told to. */
const MAX_FRAME_BYTES = 65_536

/** Streams of frames or lines on a Unix socket. */
export function createUnixStreamListener(options: UnixStreamListenerOptions): Listener<BoundPath> {
  return new UnixStreamListener(options)
}

class UnixStreamListener implements Listener<BoundPath> {
  readonly name: string
  readonly #options: UnixStreamListenerOptions
  readonly #intake: LineIntake
  readonly #connections: StreamConnections
  readonly #binding: UnixBinding<Server>
  #opening: Promise<BoundPath[]> | undefined
  #closing: Promise<void> | undefined

  constructor(options: UnixStreamListenerOptions) {
    this.name = options.name
    this.#options = options
    this.#intake = new LineIntake(options)
    this.#connections = new StreamConnections(options, this.#intake, () => this.#createFramer())
    this.#binding = new UnixBinding({
      ...options,
      transport: 'unix-stream',
      bind: (path) => this.#bind(path),
      // Its connections go on; those that wait to be accepted have been, as far as the loop has turned.
      release: async (server) => void server.close(),
    })
  }

  open(): Promise<BoundPath[]> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<BoundPath[]> {
    await this.#binding.open()
    if (this.#closing === undefined) this.#connections.closeIdleLater()
    return [{ transport: 'unix-stream', path: this.#options.path }]
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    const isOpen = await this.#opening?.then(
      () => true,
      () => false,
    )
    await this.#binding.hide()
    if (isOpen === true) {
      const arrivals = (): number => this.#intake.packetCount + this.#connections.acceptedCount
      await drain(this.#options.clock, arrivals)
    }
    await this.#binding.close()
    this.#connections.close()
    this.#intake.close()
  }

  #createFramer(): StreamFramer {
    const { path, format, framing = 'length', maxFrameBytes = MAX_FRAME_BYTES } = this.#options
    const sender = { address: boundUrl({ transport: 'unix-stream', path }) }
    return framing === 'length'
      ? new LengthFramer(this.#intake, sender, {
          maxFrameBytes,
          byteOrder: 'little',
          take: (bytes, start, end) => this.#intake.takePacket(bytes, start, end, sender),
        })
      : new LineFramer(this.#intake, sender, format.maxLineBytes)
  }

  #bind(path: string): Promise<Server> {
    const server = createServer((socket) => this.#connections.accept(socket))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path, exclusive: true }, () => {
        server.off('error', reject)
        server.on('error', (error) =>
          this.#connections.warn('A connection could not be accepted.', { reason: reasonOf(error) }),
        )
        resolve(server)
      })
    })
  }
}
