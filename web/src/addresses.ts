/** Where Kymo listens, read from the URLs of `/api/status`. */
export interface ListenAddress {
  /** `udp`, `tcp`, `http` */
  readonly transport: string
  /** Without the brackets of IPv6. */
  readonly host: string
  readonly port: number
}

/** Transports of one service that share a port, with every host they listen on. */
export interface ListenGroup {
  readonly service: string
  readonly transports: readonly string[]
  readonly port: number
  readonly hosts: readonly string[]
  /** Other machines can reach it. */
  readonly isOpen: boolean
}

/** `udp://[::1]:8125`. The URL class of older browsers reads no host out of schemes it does not know. */
export function parseAddress(url: string): ListenAddress | undefined {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/i.exec(url)
  if (match === null) return undefined
  const [, transport = '', ipv6, name = '', port = ''] = match
  return { transport: transport.toLowerCase(), host: ipv6 ?? name, port: Number(port) }
}

export function groupAddresses(addresses: Readonly<Record<string, readonly string[]>>): ListenGroup[] {
  const groups: ListenGroup[] = []
  for (const [service, urls] of Object.entries(addresses)) {
    const byPort = new Map<number, { transports: Set<string>; hosts: Set<string> }>()
    for (const url of urls) {
      const address = parseAddress(url)
      if (address === undefined) continue
      const group = byPort.get(address.port) ?? { transports: new Set(), hosts: new Set() }
      group.transports.add(address.transport)
      group.hosts.add(address.host)
      byPort.set(address.port, group)
    }
    for (const [port, { transports, hosts }] of byPort) {
      groups.push({
        service,
        transports: [...transports],
        port,
        hosts: [...hosts],
        isOpen: ![...hosts].every(isLoopback),
      })
    }
  }
  return groups
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** `[::1]:8125`, `127.0.0.1:8125` */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
