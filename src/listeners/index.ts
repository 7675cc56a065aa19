import type { BoundPath, Listener, ListenerOptions, UnixListenerOptions } from './listener.ts'
import { createTcpListener } from './tcp.ts'
import { createUdpListener } from './udp.ts'
import { createUnixDatagramListener } from './unix-datagram.ts'
import { createUnixStreamListener, type UnixStreamListenerOptions } from './unix-stream.ts'

/** The shelf: every way in which lines arrive. */
const LISTENERS = {
  udp: createUdpListener,
  tcp: createTcpListener,
} as const satisfies Record<string, (options: ListenerOptions) => Listener>

/** The same for Unix sockets, which have a path and no port. */
const UNIX_LISTENERS = {
  'unix-datagram': createUnixDatagramListener,
  'unix-stream': createUnixStreamListener,
} as const satisfies Record<BoundPath['transport'], (options: UnixListenerOptions) => Listener<BoundPath>>

export { boundUrl } from './bound-url.ts'
export { probeUdpPort } from './probe-udp-port.ts'

export type ListenerKind = keyof typeof LISTENERS

/** A listener is only made here; `open` binds it. */
export function createListener(kind: ListenerKind, options: ListenerOptions): Listener {
  return LISTENERS[kind](options)
}

export type UnixListenerKind = keyof typeof UNIX_LISTENERS

/** What the kind does not know of these, it passes over. */
export type AnyUnixListenerOptions = UnixListenerOptions &
  Pick<UnixStreamListenerOptions, 'framing' | 'maxFrameBytes'>

export function createUnixListener(
  kind: UnixListenerKind,
  options: AnyUnixListenerOptions,
): Listener<BoundPath> {
  return UNIX_LISTENERS[kind](options)
}
