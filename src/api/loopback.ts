import { isIP } from 'node:net'

/** Whether an IP address is this machine talking to itself. A name is not an address. */
export function isLoopback(address: string): boolean {
  // An IPv4 client of an IPv6 socket appears as `::ffff:127.0.0.1`.
  const plain = address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '')
  return isIP(plain) === 4 ? plain.startsWith('127.') : plain === '::1'
}
