import type { Timer } from '../lib/clock.ts'
import { reasonOf } from '../telemetry/errors.ts'
import type { BoundPath, UnixListenerOptions } from './listener.ts'
import { createSocketFile, type SocketFile } from './unix-socket-file.ts'

export interface UnixBindingOptions<Socket>
  extends Pick<UnixListenerOptions, 'name' | 'path' | 'mode' | 'setting' | 'clock' | 'log'> {
  readonly transport: BoundPath['transport']
  /** Makes a socket on that path, and begins to receive. Rejects with the error of the system. */
  readonly bind: (path: string) => Promise<Socket>
  /** Hands on what was received, and closes. What is connected may stay so. */
  readonly release: (socket: Socket) => Promise<void>
}

/** Nobody is let in who could not send to this machine's loopback as well; only reading the file is of no use. */
const DEFAULT_MODE = 0o722
const CHECK_INTERVAL_MS = 2_000
const WARNING_INTERVAL_MS = 60_000

/**
 * A socket, and the file by which it is found. Files in /run or /tmp get tidied away under a program that runs; then
 * a new socket is made, and the old one is given up once the new one is there. A file that somebody else has put there
 * meanwhile, and listens on, is left alone.
 */
export class UnixBinding<Socket> {
  readonly #options: UnixBindingOptions<Socket>
  #bound: { readonly socket: Socket; readonly file: SocketFile } | undefined
  #isClosed = false
  #timer: Timer | undefined
  #checking: Promise<void> | undefined
  #nextWarningMs = -Infinity

  constructor(options: UnixBindingOptions<Socket>) {
    this.#options = options
  }

  async open(): Promise<void> {
    this.#bound = await this.#bind()
    this.#checkLater()
  }

  /** Nobody finds the socket any more. Whoever is connected still is. */
  async hide(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#checking
    await this.#bound?.file.remove()
  }

  async close(): Promise<void> {
    await this.hide()
    if (this.#bound !== undefined) await this.#options.release(this.#bound.socket)
    this.#bound = undefined
  }

  async #bind(): Promise<{ socket: Socket; file: SocketFile }> {
    const { bind, release, mode = DEFAULT_MODE } = this.#options
    let socket: Socket | undefined
    try {
      const file = await createSocketFile(this.#options, mode, async (path) => {
        socket = await bind(path)
      })
      if (socket === undefined) throw new Error('BUG: a socket file without a socket')
      return { socket, file }
    } catch (error) {
      if (socket !== undefined) await release(socket)
      throw error
    }
  }

  #checkLater(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.after(CHECK_INTERVAL_MS, () => {
      this.#checking = this.#check().finally(() => this.#checkLater())
    })
  }

  async #check(): Promise<void> {
    const { name, path, log } = this.#options
    try {
      const old = this.#bound
      if (old === undefined || (await old.file.isOurs())) return
      this.#bound = await this.#bind()
      log.warn({ listener: name, path }, 'The file of the socket was gone; a new one has been made.')
      await this.#options.release(old.socket)
    } catch (error) {
      this.#warn(error)
    }
  }

  #warn(error: unknown): void {
    const { name, path, clock, log } = this.#options
    if (clock.monotonicMs() < this.#nextWarningMs) return
    this.#nextWarningMs = clock.monotonicMs() + WARNING_INTERVAL_MS
    log.warn(
      { listener: name, path, reason: reasonOf(error) },
      'The file of the socket is gone, and no new one can be made; only who is connected is heard.',
    )
  }
}
