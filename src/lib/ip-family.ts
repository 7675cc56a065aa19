/**
 * Whether an address, which is known to be one, is of IPv6. `isIPv6` of node:net would find out whether it is one, by a pattern
 * that has to be compiled first, in each thread and before anything is received.
 */
export function isV6Address(address: string): boolean {
  return address.includes(':')
}
