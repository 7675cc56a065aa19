import { isIP } from 'node:net'
import { LOOPBACK_HOSTS } from '../lib/loopback.ts'

export type HostsResult = { readonly hosts: string[] } | { readonly problem: string }

/**
 * Addresses to listen on, as written: one or several with commas between. `localhost` stands for loopback of both
 * families. Other names are refused: what they mean, and whether others can reach it, would depend on the resolver.
 */
export function parseHosts(text: string): HostsResult {
  const hosts = new Set<string>()
  for (const part of text.split(',')) {
    const host = part.trim().replace(/^\[(.*)\]$/, '$1')
    if (host === 'localhost') for (const loopback of LOOPBACK_HOSTS) hosts.add(loopback)
    else if (isIP(host) !== 0) hosts.add(host)
    else return { problem: explainRefusal(host) }
  }
  return { hosts: [...hosts] }
}

/** Completes "wanted ...". */
export const HOSTS_WANTED = 'an IP address such as 0.0.0.0, or localhost'

function explainRefusal(host: string): string {
  const withoutPort = /^\[?(.*?)\]?:[0-9]+$/.exec(host)?.[1]
  const isWithPort = withoutPort !== undefined && (withoutPort === 'localhost' || isIP(withoutPort) !== 0)
  return isWithPort ? `${HOSTS_WANTED}, without a port: ports have options of their own` : HOSTS_WANTED
}
