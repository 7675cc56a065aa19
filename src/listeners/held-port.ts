import { isIPv4, isIPv6 } from 'node:net'
import type { Libc } from '../lib/libc.ts'
import { bindHosts, type BindOptions } from './bind-hosts.ts'
import type { BoundAddress } from './listener.ts'
import { encodeAddress, portOf } from './socket-address.ts'

/**
 * A socket that is bound, and listens if it is one of streams, while nobody reads from it yet: what comes waits in the kernel.
 * Its descriptor is nobody's but the process's: no thread that ends closes it.
 */
export interface HeldPort extends BoundAddress {
  readonly descriptor: number
}

/** As many as Node has; the system's own bound is lower on older ones. */
const MOST_WAITING_CONNECTIONS = 511

/** Binds every address, as a listener does when it opens, or none. Rejects as that does. Linux only. */
export async function holdPort(
  libc: Libc,
  transport: BoundAddress['transport'],
  options: BindOptions,
): Promise<HeldPort[]> {
  const bound = await bindHosts<number>(options, {
    transport,
    async bind(host, port) {
      // `::` alone means both families; beside an IPv4 address it would take that one's place.
      const isIpv6Only = options.hosts.some((other) => isIPv4(other))
      const descriptor = openHeld(libc, { transport, host, port }, isIpv6Only)
      return { socket: descriptor, host, port: portOf(libc, descriptor) }
    },
    async release(descriptor) {
      libc.close(descriptor)
    },
  })
  return bound.map(({ socket, host, port }) => ({ transport, host, port, descriptor: socket }))
}

/** Throws the error of the system. */
function openHeld(libc: Libc, { transport, host, port }: BoundAddress, isIpv6Only: boolean): number {
  const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY } =
    libc.constants
  const isStream = transport === 'tcp'
  const descriptor = libc.socket(isIPv6(host) ? AF_INET6 : AF_INET, isStream ? SOCK_STREAM : SOCK_DGRAM, 0)
  if (descriptor < 0) throw libc.lastError('socket')
  try {
    if (isIPv6(host))
      libc.setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, Int32Array.of(isIpv6Only ? 1 : 0), 4)
    // Connections of a Kymo before this one may linger. Of datagrams it would let a stranger share the port.
    if (isStream) libc.setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32Array.of(1), 4)
    const address = encodeAddress(libc, host, port)
    if (libc.bind(descriptor, address, address.length) < 0) throw libc.lastError('bind')
    if (isStream && libc.listen(descriptor, MOST_WAITING_CONNECTIONS) < 0) throw libc.lastError('listen')
    return descriptor
  } catch (error) {
    libc.close(descriptor)
    throw error
  }
}
