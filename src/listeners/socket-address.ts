import { networkInterfaces } from 'node:os'
import { isV6Address } from '../lib/ip-family.ts'
import type { Libc } from '../lib/libc.ts'

/** struct sockaddr_in6, the longer one: family, port, flow, address, scope. struct sockaddr_in: family, port, address. */
export const ADDRESS_V6_BYTES = 28
export const PORT_OFFSET = 2
export const ADDRESS_V4_OFFSET = 4
export const ADDRESS_V6_OFFSET = 8
const SCOPE_OFFSET = 24
const ADDRESS_V4_BYTES = 16

/** As `bind` wants it, on Linux. */
export function encodeAddress({ constants }: Libc, host: string, port: number): Uint8Array {
  const isV6 = isV6Address(host)
  const bytes = new Uint8Array(isV6 ? ADDRESS_V6_BYTES : ADDRESS_V4_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, isV6 ? constants.AF_INET6 : constants.AF_INET, true)
  view.setUint16(PORT_OFFSET, port)
  bytes.set(
    isV6 ? ipv6Bytes(host) : host.split('.').map(Number),
    isV6 ? ADDRESS_V6_OFFSET : ADDRESS_V4_OFFSET,
  )
  if (isV6) view.setUint32(SCOPE_OFFSET, scopeOf(host), true)
  return bytes
}

/** The port that a socket is bound to. Throws the error of the system. */
export function portOf(libc: Libc, descriptor: number): number {
  const address = new Uint8Array(ADDRESS_V6_BYTES)
  if (libc.getsockname(descriptor, address, Uint32Array.of(address.length)) < 0)
    throw libc.lastError('getsockname')
  return new DataView(address.buffer).getUint16(PORT_OFFSET)
}

/** `fe80::1%eth0`, `fe80::1%2`: the number of the interface that the address is one of; 0: it has no scope, or there is no such one. */
function scopeOf(host: string): number {
  const scope = host.split('%')[1] ?? ''
  if (/^\d+$/.test(scope)) return Number(scope)
  return networkInterfaces()[scope]?.find((address) => (address.scopeid ?? 0) > 0)?.scopeid ?? 0
}

/** `::1`, `fe80::1`, `::ffff:127.0.0.1`. */
function ipv6Bytes(host: string): Uint8Array {
  // Written by the rules of the web: no zeros left out but `::`, no IPv4 at the end.
  const text = new URL(`http://[${host.split('%', 1)[0] ?? ''}]`).hostname.slice(1, -1)
  const [head = '', tail] = text.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = groups(head)
  const after = groups(tail ?? '')
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}
