import type { Socket } from 'node:net'
import type { Timer } from '../lib/clock.ts'
import { isHttpRequestLine } from '../lib/http-request-line.ts'
import type { IntakeOptions } from './listener.ts'
import type { LineIntake } from './line-intake.ts'

/** Cuts what one connection sends. */
export interface StreamFramer {
  push(bytes: Uint8Array): void
  /** The sender is done, in good order. */
  end(): void
  /** The stream broke off, or was closed by us. After `end`, and twice, it does no harm. */
  abort(): void
  /** Set once nothing that follows can be made sense of: the length that was announced. */
  readonly brokenFrameBytes?: number | undefined
}

export interface StreamLimits {
  /** One connection more is closed as soon as it is accepted. */
  readonly maxConnections?: number
  /** A connection that sends nothing for so long is closed. Generous: many clients keep one open for rare lines. */
  readonly idleTimeoutMs?: number
}

const MAX_CONNECTIONS = 1_000
const IDLE_TIMEOUT_MS = 600_000
const IDLE_CHECK_MS = 10_000
const WARNING_INTERVAL_MS = 10_000

interface Connection {
  readonly socket: Socket
  readonly framer: StreamFramer
  lastReadMs: number
}

/**
 * The connections of one listener: bounded in number, closed when they are idle or cannot be understood, counted. Nothing
 * is ever written to a client. A reset is an ordinary end, and nobody else notices it.
 */
export class StreamConnections {
  readonly #options: IntakeOptions
  readonly #intake: LineIntake
  readonly #createFramer: (socket: Socket) => StreamFramer
  readonly #maxConnections: number
  readonly #idleTimeoutMs: number
  readonly #open = new Set<Connection>()
  #acceptedCount = 0
  #idleTimer: Timer | undefined
  #nextWarningMs = -Infinity

  constructor(
    options: IntakeOptions & StreamLimits,
    intake: LineIntake,
    createFramer: (socket: Socket) => StreamFramer,
  ) {
    this.#options = options
    this.#intake = intake
    this.#createFramer = createFramer
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS
    this.#idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS
  }

  /** Connections accepted so far, refused ones included: grows for as long as some arrive. */
  get acceptedCount(): number {
    return this.#acceptedCount
  }

  accept(socket: Socket): void {
    this.#acceptedCount++
    // 'close' follows.
    socket.on('error', () => undefined)
    if (this.#open.size >= this.#maxConnections) {
      this.#options.meter.refusedConnections.add(1)
      this.warn('Connections are refused: too many are open.', { limit: this.#maxConnections })
      socket.destroy()
      return
    }

    const { clock } = this.#options
    const framer = this.#createFramer(socket)
    const connection: Connection = { socket, framer, lastReadMs: clock.monotonicMs() }
    this.#open.add(connection)
    this.#options.meter.connections.set(this.#open.size)

    let isFirst = true
    socket.on('data', (bytes: Buffer) => {
      connection.lastReadMs = clock.monotonicMs()
      if (isFirst && isHttpRequestLine(firstLineOf(bytes))) {
        this.warn(
          'A connection was closed: it speaks HTTP, as a browser does that a web page sends here.',
          {},
        )
        return this.#drop(connection)
      }
      isFirst = false
      this.#intake.beginPacket(bytes.length)
      framer.push(bytes)
      if (framer.brokenFrameBytes !== undefined) {
        this.warn('A connection was closed: it announced a frame that is too long, or sends plain lines.', {
          announcedBytes: framer.brokenFrameBytes,
        })
        this.#drop(connection)
      }
      this.#waitForRoom(socket)
    })
    socket.on('end', () => framer.end())
    socket.on('close', () => this.#drop(connection))
  }

  /** To be called once. */
  closeIdleLater(): void {
    const { clock } = this.#options
    this.#idleTimer = clock.after(Math.min(IDLE_CHECK_MS, this.#idleTimeoutMs), () => {
      const oldestReadMs = clock.monotonicMs() - this.#idleTimeoutMs
      for (const connection of this.#open) {
        if (connection.lastReadMs <= oldestReadMs) this.#drop(connection)
      }
      this.closeIdleLater()
    })
  }

  /** What is not whole by now is cut off: half a number is a wrong one. */
  close(): void {
    this.#idleTimer?.cancel()
    for (const connection of this.#open) this.#drop(connection)
  }

  /** What the outside can bring about at will is said at most once in 10 seconds. */
  warn(message: string, fields: Readonly<Record<string, string | number>>): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs < this.#nextWarningMs) return
    this.#nextWarningMs = nowMs + WARNING_INTERVAL_MS
    this.#options.log.warn({ listener: this.#options.name, ...fields }, message)
  }

  /** The sender waits then, as it does for anybody who is slow. */
  #waitForRoom(socket: Socket): void {
    const { room } = this.#options
    if (room?.isFull !== true) return
    socket.pause()
    room.whenEmpty(() => socket.resume())
  }

  /** Ends a connection, or takes note that it has ended; twice does no harm. */
  #drop(connection: Connection): void {
    connection.socket.destroy()
    connection.framer.abort()
    this.#open.delete(connection)
    this.#options.meter.connections.set(this.#open.size)
  }
}

function firstLineOf(bytes: Buffer): string {
  const end = bytes.indexOf(0x0a)
  return bytes.toString('latin1', 0, end < 0 ? undefined : end)
}
