import type { BoundAddress, BoundPath } from './listener.ts'
import { formatAddress } from './rejection-log.ts'

/** `udp://127.0.0.1:8125`, `unixgram:///run/kymo/statsd.sock`, `unix:///…`: the words that Datadog's clients use. */
export function boundUrl(bound: BoundAddress | BoundPath): string {
  switch (bound.transport) {
    case 'udp':
    case 'tcp':
      return `${bound.transport}://${formatAddress(bound.host, bound.port)}`
    case 'unix-datagram':
      return `unixgram://${bound.path}`
    case 'unix-stream':
      return `unix://${bound.path}`
  }
}
