import type { Clock } from '../lib/clock.ts'
import type { Libc } from '../lib/libc.ts'
import { DescriptorWatch } from '../listeners/descriptor-watch.ts'
import { holdPort } from '../listeners/held-port.ts'
import type { Log } from '../telemetry/log.ts'
import type { IntakePorts } from './calls.ts'
import { type HeldListener, STREAM_PORTS } from './stream-ports.ts'

export interface PortHolderOptions {
  readonly libc: Libc
  readonly clock: Clock
  readonly log: Log
  readonly hosts: readonly string[]
  /** Somebody has come to one of them. Called once for each watch. */
  readonly onArrival: () => void
}

/**
 * Opens the ports of the thread of streams while there is no such thread, and looks whether somebody comes. It runs in a thread
 * that can call the C library, which Node's own sockets need not: those let in whoever comes at once.
 */
export class PortHolder {
  readonly #options: PortHolderOptions
  #watch: DescriptorWatch | undefined

  constructor(options: PortHolderOptions) {
    this.#options = options
  }

  /** All of them, or none. Ports of 0 become what the first of a service is given. Rejects as a listener that opens does. */
  async hold(ports: IntakePorts): Promise<HeldListener[]> {
    const { libc, hosts, log } = this.#options
    const known = { ...ports }
    const held: HeldListener[] = []
    try {
      for (const { service, name, kind, portFlag } of STREAM_PORTS) {
        const port = known[service]
        if (port === undefined) continue
        const bound = await holdPort(libc, kind, { name, hosts, port, portFlag, log })
        held.push({ service, name, ports: bound })
        known[service] = bound[0]?.port ?? port
      }
    } catch (error) {
      for (const { ports: bound } of held) for (const { descriptor } of bound) libc.close(descriptor)
      throw error
    }
    this.watch(held.flatMap(({ ports: bound }) => bound.map(({ descriptor }) => descriptor)))
    return held
  }

  watch(descriptors: readonly number[]): void {
    const { libc, clock, onArrival } = this.#options
    this.#watch?.end()
    this.#watch = new DescriptorWatch({ libc, clock, descriptors, onReadable: onArrival })
  }

  /** Whether somebody is there. Nobody is told of those who come later. */
  endWatch(): boolean {
    const isSomebodyThere = this.#watch?.isReadable() === true
    this.#watch?.end()
    this.#watch = undefined
    return isSomebodyThere
  }
}
