import type { DatagramInput } from './datagram-input.ts'
import type { BoundPath, Listener, ListenerOptions, UnixListenerOptions } from './listener.ts'
import { createTcpListener } from './tcp.ts'
import { batchReceiver } from './udp-batch-receiver.ts'
import { bindNodeReceiver } from './udp-node-receiver.ts'
import { createUdpListener } from './udp.ts'
import { createUnixDatagramListener, type UnixDatagramListenerOptions } from './unix-datagram.ts'
import { createUnixStreamListener, type UnixStreamListenerOptions } from './unix-stream.ts'

export { LineIntake } from './line-intake.ts'

/** The shelf: every way in which lines arrive. */
const LISTENERS = {
  udp: ({ datagrams, ...options }) =>
    createUdpListener(options, datagrams === undefined ? bindNodeReceiver : batchReceiver(datagrams)),
  tcp: createTcpListener,
} as const satisfies Record<string, (options: AnyListenerOptions) => Listener>

/** The same for Unix sockets, which have a path and no port. */
const UNIX_LISTENERS = {
  'unix-datagram': createUnixDatagramListener,
  'unix-stream': createUnixStreamListener,
} as const satisfies Record<BoundPath['transport'], (options: UnixListenerOptions) => Listener<BoundPath>>

export { boundUrl } from './bound-url.ts'
export { openDatagramInput } from './datagram-input.ts'
export { probeUdpPort } from './probe-udp-port.ts'

export type ListenerKind = keyof typeof LISTENERS

/** What the kind does not know of these, it passes over. */
export interface AnyListenerOptions extends ListenerOptions {
  /** Of a thread that receives many datagrams at a time. */
  readonly datagrams?: DatagramInput
  /** Of TCP. */
  readonly framing?: 'lines' | 'pickle'
}

/** A listener is only made here; `open` binds it. */
export function createListener(kind: ListenerKind, options: AnyListenerOptions): Listener {
  return LISTENERS[kind](options)
}

export type UnixListenerKind = keyof typeof UNIX_LISTENERS

/** What the kind does not know of these, it passes over. */
export type AnyUnixListenerOptions = UnixListenerOptions &
  Pick<UnixStreamListenerOptions, 'framing' | 'maxFrameBytes'> &
  Pick<UnixDatagramListenerOptions, 'datagrams'>

export function createUnixListener(
  kind: UnixListenerKind,
  options: AnyUnixListenerOptions,
): Listener<BoundPath> {
  return UNIX_LISTENERS[kind](options)
}
