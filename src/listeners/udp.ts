import type { Timer } from '../lib/clock.ts'
import { bindHosts, type BoundSocket } from './bind-hosts.ts'
import { LineIntake } from './line-intake.ts'
import type { BoundAddress, Listener, ListenerOptions } from './listener.ts'
import { logGrantedBuffer, RECEIVE_BUFFER_BYTES } from './receive-buffer.ts'

export interface UdpListenerOptions extends ListenerOptions {
  readonly receiveBufferBytes?: number
}

/**
 * A socket on one host, and whatever reads it: Node (`udp-node-receiver.ts`), or many datagrams at a time
 * (`udp-batch-receiver.ts`). Both promise the same.
 */
export interface UdpReceiver {
  readonly port: number
  /** What the kernel granted; it may be less than was asked for. */
  readonly receiveBufferBytes: number
  /** Takes nothing more in than what has arrived, which is handed on first. */
  stop(): Promise<void>
  /** How many datagrams the kernel dropped, for want of room, since this was last asked. */
  takeDrops(): Promise<number>
  close(): Promise<void>
}

export interface UdpPlace {
  readonly host: string
  readonly port: number
  readonly receiveBufferBytes: number
  /** A socket that is bound there already. */
  readonly descriptor?: number
}

/** Binds a socket, or takes the one there is, and begins to receive. Rejects with the error of the system. */
export type BindUdp = (options: UdpListenerOptions, at: UdpPlace, intake: LineIntake) => Promise<UdpReceiver>

const DROPS_INTERVAL_MS = 1_000

/**
 * Datagrams of lines, one socket per host. Each datagram stands alone: its last line need not be terminated.
 *
 * Binding is plain, so that a port which another program holds is refused even if that one would share it: with
 * SO_REUSEADDR or SO_REUSEPORT the two would each get some of the packets, and nobody would be told.
 */
export function createUdpListener(options: UdpListenerOptions, bind: BindUdp): Listener {
  return new UdpListener(options, bind)
}

class UdpListener implements Listener {
  readonly name: string
  readonly #options: UdpListenerOptions
  readonly #bind: BindUdp
  readonly #intake: LineIntake
  #opening: Promise<BoundAddress[]> | undefined
  #closing: Promise<void> | undefined
  #bound: BoundSocket<UdpReceiver>[] = []
  #dropsTimer: Timer | undefined

  constructor(options: UdpListenerOptions, bind: BindUdp) {
    this.name = options.name
    this.#options = options
    this.#bind = bind
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
    const { held, receiveBufferBytes = RECEIVE_BUFFER_BYTES } = this.#options
    const bind = async (at: Omit<UdpPlace, 'receiveBufferBytes'>): Promise<BoundSocket<UdpReceiver>> => {
      const socket = await this.#bind(this.#options, { ...at, receiveBufferBytes }, this.#intake)
      return { socket, host: at.host, port: socket.port }
    }
    this.#bound =
      held === undefined
        ? await bindHosts<UdpReceiver>(this.#options, {
            transport: 'udp',
            bind: (host, port) => bind({ host, port }),
            release: async (receiver) => {
              await receiver.stop()
              await receiver.close()
            },
          })
        : await Promise.all(held.map(bind))
    const granted = this.#bound.map(({ socket }) => socket.receiveBufferBytes)
    logGrantedBuffer(this.#options, receiveBufferBytes, granted)
    this.#countDropsLater()
    return this.#bound.map(({ host, port }) => ({ transport: 'udp', host, port }))
  }

  async #close(): Promise<void> {
    // Whoever asked to open is told about a failure there.
    await this.#opening?.catch(() => undefined)
    this.#dropsTimer?.cancel()
    await Promise.all(this.#bound.map(({ socket }) => socket.stop()))
    await this.#countDrops()
    await Promise.all(this.#bound.map(({ socket }) => socket.close()))
    this.#bound = []
    this.#intake.close()
  }

  #countDropsLater(): void {
    if (this.#closing !== undefined) return
    this.#dropsTimer = this.#options.clock.after(DROPS_INTERVAL_MS, () => {
      void this.#countDrops().finally(() => this.#countDropsLater())
    })
  }

  async #countDrops(): Promise<void> {
    for (const { socket } of this.#bound) {
      const drops = await socket.takeDrops()
      if (drops > 0) this.#options.meter.kernelDrops.add(drops)
    }
  }
}
