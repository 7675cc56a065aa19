import { connect, type Socket } from 'node:net'
import type { Clock, Timer } from '../../lib/clock.ts'
import { reasonOf } from '../../telemetry/errors.ts'
import { backoffDelayMs, DEFAULT_BACKOFF } from '../delivery/backoff.ts'
import type { Repeater, RepeaterOptions } from './repeater.ts'

/**
 * One connection, which is made again when it breaks. What comes meanwhile waits, up to a bound. What the broken one had been given
 * and not sent is lost: half of a line may be gone already.
 */
export class TcpRepeater implements Repeater {
  readonly #options: RepeaterOptions & { readonly clock: Clock; readonly random: () => number }
  #socket: Socket | undefined
  /** What waits for a connection, each piece ended by LF. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  /** Packets that were written and not taken by the system yet. */
  #written = 0
  #failures = 0
  #timer: Timer | undefined
  #isClosed = false

  constructor(options: RepeaterOptions & { readonly clock: Clock; readonly random: () => number }) {
    this.#options = options
    this.#connect()
  }

  pass(packet: Uint8Array): void {
    const socket = this.#socket
    const isOpen = socket?.readyState === 'open'
    const waitingBytes = isOpen ? socket.writableLength : this.#waitingBytes
    if (waitingBytes + packet.length + 1 > this.#options.bufferBytes) {
      this.#options.onLost(1)
      return
    }
    const lines = Buffer.allocUnsafe(packet.length + 1)
    lines.set(packet)
    lines[packet.length] = LINE_FEED
    if (isOpen) this.#write(socket, lines)
    else {
      this.#waiting.push(lines)
      this.#waitingBytes += lines.length
    }
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    // What was written goes out; a connection that is not there yet is not waited for.
    if (this.#socket?.connecting === true) this.#socket.destroy()
    else this.#socket?.destroySoon()
  }

  #connect(): void {
    const { host, port, onTrouble } = this.#options
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    this.#socket = socket
    let reason = 'the other side closed the connection'
    socket.resume()
    socket.on('connect', () => {
      this.#failures = 0
      onTrouble(undefined)
      for (const lines of this.#waiting) this.#write(socket, lines)
      this.#waiting = []
      this.#waitingBytes = 0
    })
    socket.on('error', (error) => (reason = reasonOf(error)))
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      this.#options.onLost(this.#written)
      this.#written = 0
      if (!this.#isClosed) this.#connectLater(reason)
    })
  }

  #connectLater(reason: string): void {
    const { clock, random, onTrouble } = this.#options
    onTrouble(reason)
    this.#failures += 1
    const delayMs = backoffDelayMs(DEFAULT_BACKOFF, this.#failures, random)
    this.#timer = clock.after(delayMs, () => this.#connect())
  }

  #write(socket: Socket, lines: Buffer): void {
    this.#written += 1
    socket.write(lines, (error) => {
      // Of those that fail, the end of the connection tells.
      if (error === null || error === undefined) this.#written -= 1
    })
  }
}

const LINE_FEED = 0x0a
