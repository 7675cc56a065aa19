import type { GraphiteOptions } from '../graphite.ts'

/** One carbon, as carbon's own DESTINATIONS name it: `host:port`, `host:port:instance`, `[::1]:2004:a`. */
export interface Destination {
  readonly host: string
  readonly port: number
  /** What sets apart several on one host; null: it has none. */
  readonly instance: string | null
}

const DESTINATION =
  /^(?:\[(?<bracketed>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)):(?<port>\d{1,5})(?::(?<instance>[A-Za-z0-9_.-]+))?$/

/** undefined: it is none. */
export function parseDestination(text: string): Destination | undefined {
  const groups = DESTINATION.exec(text)?.groups
  const port = Number(groups?.['port'])
  const host = groups?.['bracketed'] ?? groups?.['host']
  if (host === undefined || port < 1 || port > 65_535) return undefined
  return { host, port, instance: groups?.['instance'] ?? null }
}

export function formatDestination({ host, port, instance }: Destination): string {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return instance === null ? address : `${address}:${instance}`
}

/** Where a sink sends to, all of it. */
export function graphiteDestinations({
  destinations,
  host,
  port,
  protocol,
}: Pick<GraphiteOptions, 'destinations' | 'host' | 'port' | 'protocol'>): readonly Destination[] {
  return destinations ?? [{ host, port: port ?? DEFAULT_PORTS[protocol], instance: null }]
}

const DEFAULT_PORTS = { plaintext: 2003, pickle: 2004 } as const
