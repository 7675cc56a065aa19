import { KymoError } from '../telemetry/errors.ts'
import type { BoundPath, UnixListenerOptions } from './listener.ts'

/** Of a Unix socket, what an error tells. */
export type UnixTarget = Pick<UnixListenerOptions, 'name' | 'path' | 'setting'> & Pick<BoundPath, 'transport'>

export function pathInUse(target: UnixTarget): KymoError {
  return new KymoError('address-in-use', details(target))
}

/** `reason` is a clause for people. */
export function pathUnavailable(target: UnixTarget, reason: string, cause?: unknown): KymoError {
  return new KymoError('address-unavailable', { ...details(target), reason }, { cause })
}

/** The catalog writes `{host}:{port}`, which makes `unix:/run/kymo.sock` of these. */
function details({ transport, name, path, setting }: UnixTarget) {
  return { transport, host: 'unix', port: path, path, name, flag: setting }
}
