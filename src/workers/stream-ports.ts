import type { ListenerKind } from '../listeners/index.ts'
import type { HeldPort } from '../listeners/held-port.ts'
import type { IntakePorts } from './calls.ts'

/** One of the listeners on ports that the thread of streams runs. */
export interface StreamPort {
  readonly service: keyof IntakePorts
  readonly name: string
  readonly kind: ListenerKind
  /** Its flag or, if it has none, its setting. */
  readonly portFlag: string
  readonly framing?: 'pickle'
}

/** The same while there is no such thread. */
export interface HeldListener extends Pick<StreamPort, 'service' | 'name'> {
  readonly ports: readonly HeldPort[]
}

/** Whose service has no port, is not opened. */
export const STREAM_PORTS = [
  { service: 'statsd', name: 'statsd-tcp', kind: 'tcp', portFlag: '--statsd-port' },
  { service: 'graphite', name: 'graphite-tcp', kind: 'tcp', portFlag: '--graphite-port' },
  { service: 'graphite', name: 'graphite-udp', kind: 'udp', portFlag: '--graphite-port' },
  {
    service: 'pickle',
    name: 'graphite-pickle',
    kind: 'tcp',
    framing: 'pickle',
    portFlag: 'graphite.pickle_port',
  },
] as const satisfies readonly StreamPort[]
