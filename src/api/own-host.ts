import type { IncomingMessage } from 'node:http'
import { KymoError } from '../telemetry/errors.ts'
import type { HostRules } from './host-rules.ts'

/** Throws `request-invalid` or `host-refused` unless the request asks for a path of this server, by one of its names. */
export function requireOwnHost(request: IncomingMessage, hostRules: HostRules): void {
  const { rawHeaders, headers, url = '', socket } = request
  if (!url.startsWith('/')) {
    throw new KymoError('request-invalid', { problem: 'The request target has to be a path.' })
  }
  let hostCount = 0
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hostCount++
  }
  const host = headers.host
  if (host === undefined || hostCount > 1) {
    throw new KymoError('request-invalid', { problem: 'The request needs one Host header.' })
  }
  if (!hostRules.isAllowed(host, socket.localPort)) {
    throw new KymoError('host-refused', { host: host.slice(0, 200) })
  }
}
