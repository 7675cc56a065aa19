import { KymoError, reasonOf } from './errors.ts'

export interface BindTarget {
  readonly transport: 'tcp' | 'udp'
  readonly host: string
  readonly port: number
  /** What would have listened: `http`, `admin`. */
  readonly name: string
  /** The flag that sets the port: `--http-port`. */
  readonly flag: string
}

/** The catalog's error for an address that the system did not give us. */
export function bindError(cause: unknown, target: BindTarget): KymoError {
  // The catalog writes `{host}:{port}`, which wants IPv6 in brackets.
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  const details = { ...target, host, reason: reasonOf(cause) }
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  if (code === 'EADDRINUSE') return new KymoError('address-in-use', details, { cause })
  if (code === 'EACCES' || code === 'EPERM') return new KymoError('address-denied', details, { cause })
  return new KymoError('address-unavailable', details, { cause })
}
