import { describe, expect, test } from 'vitest'
import type { StatusReport } from '../api/services.ts'
import { announceFirstMetric, announceReady } from './announcement.ts'

const status = {
  version: '0.1.0',
  nodeVersion: '24.21.0',
  timeZone: 'UTC',
  pid: 4121,
  flushIntervalMs: 10_000,
  store: { isEnabled: true, path: './kymo-data', points: 0, bytes: 0 },
  addresses: {
    statsd: ['udp://127.0.0.1:8125', 'udp://[::1]:8125', 'tcp://127.0.0.1:8125', 'tcp://[::1]:8125'],
    graphite: ['tcp://127.0.0.1:2003', 'udp://127.0.0.1:2003'],
    admin: ['tcp://127.0.0.1:8126'],
    http: ['http://127.0.0.1:8080', 'http://[::1]:8080'],
  },
} as unknown as StatusReport

describe('ready', () => {
  test('on a terminal: every address once, and the line to try', () => {
    const text = announceReady(status, true)
    expect(text).toContain('✓ StatsD    udp+tcp  127.0.0.1:8125  [::1]:8125\n')
    expect(text).toContain('✓ Web, API  http://localhost:8080\n')
    expect(text).toContain('echo "hello:1|c" | nc -u -w0 127.0.0.1 8125')
    expect(text).toContain('open to this machine only')
    expect(text.split('\n').length).toBeLessThanOrEqual(14)
  })

  test('elsewhere: one line of JSON that names every address', () => {
    const text = announceReady(status, false)
    expect(text.trimEnd()).not.toContain('\n')
    expect(JSON.parse(text)).toMatchObject({
      event: 'ready',
      addresses: status.addresses,
      data: './kymo-data',
    })
  })

  test('an address that other machines reach is called open', () => {
    const open = { ...status, addresses: { ...status.addresses, statsd: ['udp://0.0.0.0:8125'] } }
    expect(announceReady(open, true)).toContain('open to other machines')
    expect(announceReady(open, true)).toContain('nc -u -w0 127.0.0.1 8125')
  })
})

describe('first metric', () => {
  test('on a terminal: what it is, after how long, and where to see it', () => {
    expect(announceFirstMetric({ key: 'hello', type: 'counter', afterMs: 7_200 }, status, true)).toBe(
      '  ● first metric: hello (counter) after 7.2 s → http://localhost:8080\n',
    )
  })

  test('a hostile name cannot move the cursor or break the line', () => {
    const text = announceFirstMetric({ key: 'a\u001b[2J\nb', type: 'gauge', afterMs: 1 }, status, true)
    expect(text).toContain('a\\u001b[2J\\u000ab')
    expect(text.trimEnd()).not.toContain('\n')
  })

  test('elsewhere: one line of JSON', () => {
    expect(
      JSON.parse(announceFirstMetric({ key: 'hello', type: 'counter', afterMs: 70 }, status, false)),
    ).toEqual({
      event: 'first_metric',
      metric: 'hello',
      type: 'counter',
      after_ms: 70,
      url: 'http://localhost:8080',
    })
  })
})
