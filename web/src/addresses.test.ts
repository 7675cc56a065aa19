import { describe, expect, test } from 'vitest'
import { groupAddresses, isLoopback, parseAddress } from './addresses.ts'

describe('an address is read', () => {
  const cases: [string, ReturnType<typeof parseAddress>][] = [
    ['udp://127.0.0.1:8125', { transport: 'udp', host: '127.0.0.1', port: 8125 }],
    ['tcp://[::1]:2003', { transport: 'tcp', host: '::1', port: 2003 }],
    ['http://localhost:8080/', { transport: 'http', host: 'localhost', port: 8080 }],
    ['udp://127.0.0.1', undefined],
    ['127.0.0.1:8125', undefined],
    ['javascript:alert(1)', undefined],
    ['', undefined],
  ]
  test.each(cases)('%s', (url, address) => expect(parseAddress(url)).toEqual(address))
})

test('transports and hosts that share a service and a port are one line', () => {
  expect(
    groupAddresses({
      statsd: ['udp://127.0.0.1:8125', 'udp://[::1]:8125', 'tcp://127.0.0.1:8125'],
      graphite: ['tcp://0.0.0.0:2003', 'udp://127.0.0.1:2004', 'broken'],
      admin: [],
    }),
  ).toEqual([
    { service: 'statsd', transports: ['udp', 'tcp'], port: 8125, hosts: ['127.0.0.1', '::1'], isOpen: false },
    { service: 'graphite', transports: ['tcp'], port: 2003, hosts: ['0.0.0.0'], isOpen: true },
    { service: 'graphite', transports: ['udp'], port: 2004, hosts: ['127.0.0.1'], isOpen: false },
  ])
})

test('loopback is the whole of 127/8, ::1 and localhost, and nothing that only begins like it', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true)
  expect(['127.evil.example', '128.0.0.1', '0.0.0.0', '::'].some(isLoopback)).toBe(false)
})
