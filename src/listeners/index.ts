import type { Listener, ListenerOptions } from './listener.ts'
import { createTcpListener } from './tcp.ts'
import { createUdpListener } from './udp.ts'

/** The shelf: every way in which lines arrive. */
const LISTENERS = {
  udp: createUdpListener,
  tcp: createTcpListener,
} as const satisfies Record<string, (options: ListenerOptions) => Listener>

export { probeUdpPort } from './probe-udp-port.ts'

export type ListenerKind = keyof typeof LISTENERS

/** A listener is only made here; `open` binds it. */
export function createListener(kind: ListenerKind, options: ListenerOptions): Listener {
  return LISTENERS[kind](options)
}
