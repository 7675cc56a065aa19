import type { IncomingHttpHeaders } from 'node:http'
import { KymoError } from '../telemetry/errors.ts'
import { isLoopback } from '../lib/loopback.ts'

/**
 * What a route lets its caller do. `read` changes nothing; `write` adds data; `admin` acts on Kymo itself.
 * docs/decisions/0004-http-scopes.md says who has which.
 */
export const SCOPES = ['read', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Headers with which a proxy says that it speaks for somebody else. */
const RELAY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const

/** Throws `scope-missing` unless whoever is at `remoteAddress` has the right. */
export function requireScope(
  scope: Scope,
  remoteAddress: string | undefined,
  headers: IncomingHttpHeaders,
): void {
  if (scope !== 'admin') return
  // A proxy on this machine is on loopback, but whom it speaks for may be anywhere. What its headers say is not
  // believed; that they are there only ever takes a right away.
  const isRelayed = RELAY_HEADERS.some((name) => headers[name] !== undefined)
  const isLocal = remoteAddress !== undefined && isLoopback(remoteAddress)
  if (!isLocal || isRelayed) throw new KymoError('scope-missing', { scope })
}

/**
 * Throws `origin-refused` where a browser says that a page of another server made this request. Programs send neither
 * header. Another port of this machine is another server, although to browsers it is the "same site".
 */
export function requireOwnOrigin(headers: IncomingHttpHeaders): void {
  const { origin } = headers
  if (origin !== undefined && !isOwnOrigin(origin, headers.host)) throw refused(origin)
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') throw refused(origin ?? 'another server')
}

/** Browsers say where a request that changes something comes from; programs do not. */
export function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const authority = /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())?.[1]
  return authority !== undefined && authority === host?.toLowerCase()
}

function refused(origin: string): KymoError {
  return new KymoError('origin-refused', { origin: origin.slice(0, 200) })
}
