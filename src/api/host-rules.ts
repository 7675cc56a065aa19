import { isIP } from 'node:net'
import { isLoopback } from '../lib/loopback.ts'

/**
 * Which Host headers are names of this server.
 *
 * A page of evil.example can point that name at 127.0.0.1 and then read what we answer, because to the browser it is
 * talking to evil.example (DNS rebinding). The Host header still says evil.example, so it is refused. An address that
 * is written out cannot be rebound.
 *
 *   listening on loopback only   localhost, 127.x.x.x and ::1 with our port, the addresses listened on, allowed hosts
 *   open to other machines       as well any address written out, `localhost` and this machine's name, on any port
 *                                (it may be mapped)
 *
 * An allowed host is `name` for any port, or `name:port`.
 */
export interface HostRules {
  /** `hostHeader` as the client sent it; `ownPort` is the port that it reached. */
  isAllowed(hostHeader: string, ownPort: number | undefined): boolean
}

export interface HostRulesOptions {
  /** The addresses listened on. */
  readonly hosts: readonly string[]
  readonly allowedHosts: readonly string[]
  readonly machineName: string
}

const DEFAULT_PORT = 80

export function createHostRules({ hosts, allowedHosts, machineName }: HostRulesOptions): HostRules {
  const isOpen = hosts.some((host) => !isLoopback(host))
  const listed = new Set(allowedHosts.map((host) => host.toLowerCase()))
  const listening = new Set(hosts.map((host) => host.toLowerCase()))
  const names = new Set(['localhost', machineName.toLowerCase()])

  return {
    isAllowed(hostHeader, ownPort) {
      const authority = parseAuthority(hostHeader)
      if (authority === undefined) return false
      const { host, port } = authority
      const written = isIP(host) === 6 ? `[${host}]` : host
      if (listed.has(host) || listed.has(written) || listed.has(`${written}:${port}`)) return true
      if (isOpen) return isIP(host) !== 0 || names.has(host)
      return port === ownPort && (host === 'localhost' || isLoopback(host) || listening.has(host))
    },
  }
}

interface Authority {
  /** Lower case; an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

/** Reads `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`. */
function parseAuthority(text: string): Authority | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text.toLowerCase())
  const host = match?.[1] ?? match?.[2]
  if (match === null || host === undefined) return undefined
  return { host, port: match[3] === undefined ? DEFAULT_PORT : Number(match[3]) }
}
