import { isIPv4, isIPv6 } from 'node:net'

/** The two addresses of this machine that other machines cannot reach, one of each family. */
export const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '::1']

/** Whether an IP address, however it is written, is this machine talking to itself. A name is not an address. */
export function isLoopback(address: string): boolean {
  // An IPv4 client of an IPv6 socket appears as `::ffff:127.0.0.1`.
  const plain = address
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[0-9.]+$)/, '')
  if (!plain.includes(':')) return isIPv4(plain) && plain.startsWith('127.')
  // As it is nearly always written. It takes some time to be sure of others.
  return plain === '::1' || (/^[0:]*:0{0,3}1$/.test(plain) && isIPv6(plain))
}
