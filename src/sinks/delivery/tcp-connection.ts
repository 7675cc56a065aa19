import { connect, type Socket } from 'node:net'
import { type Clock, nextEventLoopTurn } from '../../lib/clock.ts'
import { reasonOf } from '../../telemetry/errors.ts'

export interface TcpConnectionOptions {
  readonly host: string
  readonly port: number
  /** For the name to be resolved and the peer to answer. */
  readonly connectTimeoutMs: number
  /** For the peer to take one piece. */
  readonly writeTimeoutMs: number
  readonly clock: Clock
}

/**
 * A connection to one peer that is made when it is needed and kept for the next time.
 *
 * TCP says when this machine's kernel has taken the bytes, not when the peer has read them. What can be known is used:
 * a peer that has closed or reset is noticed before anything is written, and whenever a step fails the
 * connection is given up, so that half a line is never followed by something else.
 */
export class TcpConnection {
  readonly #options: TcpConnectionOptions
  #link: Link | undefined
  #isClosed = false

  constructor(options: TcpConnectionOptions) {
    this.#options = options
  }

  /**
   * Writes the pieces in order, each after the kernel took the one before; resolves when it took them all. Rejects with
   * an Error that says why, or with the signal's reason. One call at a time.
   */
  async send(pieces: Iterable<string | Uint8Array>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { connectTimeoutMs, writeTimeoutMs } = this.#options
    const link = (await this.#reusableLink()) ?? this.#createLink()
    const abandon = (): void => link.lose(signal.reason)
    signal.addEventListener('abort', abandon)
    try {
      signal.throwIfAborted()
      await this.#step(link, connectTimeoutMs, 'no answer', (done) => link.whenConnected(done))
      for (const piece of pieces) {
        await this.#step(link, writeTimeoutMs, 'nothing taken', (done) => link.socket.write(piece, done))
      }
      // The peer may have thrown the last piece away already. An orderly end is not that: it has read what it had.
      await nextEventLoopTurn()
      if (link.reset !== undefined) throw link.reset
    } catch (error) {
      link.lose(error)
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', abandon)
    }
  }

  /** Safe to call twice, and while something is sent, which is then given up. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#link?.close()
  }

  async #reusableLink(): Promise<Link | undefined> {
    if (this.#link === undefined || this.#link.isLost) return undefined
    await nextEventLoopTurn()
    return this.#link.isLost ? undefined : this.#link
  }

  #createLink(): Link {
    if (this.#isClosed) throw new Error('BUG: a closed connection is used')
    const { host, port } = this.#options
    this.#link = new Link(
      connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }),
    )
    return this.#link
  }

  /** Waits for `done`, for the loss of the link, or for the time to run out, whichever is first. */
  async #step(
    link: Link,
    timeoutMs: number,
    timedOut: string,
    start: (done: (error?: Error | null) => void) => void,
  ): Promise<void> {
    link.isBusy = true
    const timer = this.#options.clock.after(timeoutMs, () => {
      link.lose(new Error(`${timedOut} within ${timeoutMs / 1000} s`))
    })
    try {
      await new Promise<void>((resolve, reject) => {
        link.whenLost(reject)
        if (link.isLost) return
        start((error) => {
          if (error === undefined || error === null) resolve()
        })
      })
    } finally {
      timer.cancel()
      link.isBusy = false
    }
  }
}

/** A peer that vanished without a word is asked after this long, so that an idle connection does not stay a dead one. */
const KEEP_ALIVE_MS = 30_000

/** One socket and what has become of it. Once lost it stays lost. */
class Link {
  readonly socket: Socket
  /** A step is under way. */
  isBusy = false
  #loss: Error | undefined
  #reset: Error | undefined
  #onLost: (error: Error) => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    // Whatever the peer says is thrown away; unread, it would hide its farewell.
    socket.resume()
    socket.on('error', (error) => {
      this.#reset ??= describe(error)
      this.lose(this.#reset)
    })
    socket.on('end', () => this.lose(new Error('the other side closed the connection')))
    socket.on('close', () => this.lose(new Error('the connection is closed')))
  }

  get isLost(): boolean {
    return this.#loss !== undefined
  }

  /** The error the socket met; undefined also when the peer ended the connection in good order. */
  get reset(): Error | undefined {
    return this.#reset
  }

  whenConnected(done: () => void): void {
    if (this.socket.connecting) this.socket.once('connect', done)
    else done()
  }

  /** Calls `action` once, at once if it is so already. Only the last action given is kept. */
  whenLost(action: (error: Error) => void): void {
    if (this.#loss === undefined) this.#onLost = action
    else action(this.#loss)
  }

  lose(reason: unknown): void {
    if (this.#loss !== undefined) return
    this.#loss = reason instanceof Error ? reason : new Error(String(reason))
    this.socket.destroy()
    this.#onLost(this.#loss)
  }

  close(): Promise<void> {
    if (this.socket.closed) return Promise.resolve()
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve())
      if (this.isBusy) this.lose(new Error('the connection is closed'))
      else this.socket.destroySoon()
    })
  }
}

/** `localhost` fails with one error per address and no message of its own. */
function describe(error: Error): Error {
  if (!(error instanceof AggregateError)) return error
  const reasons = error.errors.map(reasonOf).join(', ')
  return new Error(reasons, { cause: error })
}
