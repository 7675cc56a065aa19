import { expect, test } from 'vitest'
import { boundUrl } from './bound-url.ts'

test.each([
  [{ transport: 'udp', host: '127.0.0.1', port: 8125 } as const, 'udp://127.0.0.1:8125'],
  [{ transport: 'tcp', host: '::1', port: 8125 } as const, 'tcp://[::1]:8125'],
  [{ transport: 'unix-datagram', path: '/run/kymo/a.sock' } as const, 'unixgram:///run/kymo/a.sock'],
  [{ transport: 'unix-stream', path: '/run/kymo/a.sock' } as const, 'unix:///run/kymo/a.sock'],
])('%o is %s', (bound, url) => {
  expect(boundUrl(bound)).toBe(url)
})
