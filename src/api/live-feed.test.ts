import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { RejectionSample } from '../model/rejection.ts'
import { silentLog } from '../telemetry/log.ts'
import { createLiveFeed } from './live-feed.ts'
import { FakeServices } from './testdata/fake-services.ts'

function setUp() {
  const services = new FakeServices()
  const clock = new FakeClock()
  return { services, clock, feed: createLiveFeed({ services, clock, log: silentLog }) }
}

/** The names of the events that came since the last call. */
function eventsOf(client: Readable): string[] {
  const text = (client.read() as Buffer | null)?.toString() ?? ''
  return [...text.matchAll(/^event: (.*)$/gm)].map((match) => String(match[1]))
}

test('a client is told the status at once', () => {
  const { feed, services } = setUp()
  const text = String(feed.join().read())
  expect(text).toBe(`retry: 2000\n\nevent: status\ndata: ${JSON.stringify(services.report)}\n\n`)
})

test('the status comes again when it changes, and every 5 s in any case', () => {
  const { feed, services, clock } = setUp()
  const client = feed.join()
  eventsOf(client)
  for (let second = 1; second <= 4; second++) {
    services.report = { ...services.report, nowMs: clock.nowMs() }
    clock.advance(1000)
    expect(eventsOf(client)).toEqual([])
  }
  clock.advance(1000)
  expect(eventsOf(client)).toEqual(['status'])
  services.report = { ...services.report, metricCount: 1 }
  clock.advance(1000)
  expect(eventsOf(client)).toEqual(['status'])
  clock.advance(4000)
  expect(eventsOf(client)).toEqual([])
})

test('a flush is an event of its own', () => {
  const { feed, services, clock } = setUp()
  const client = feed.join()
  eventsOf(client)
  services.report = { ...services.report, lastFlushMs: 1_700_000_010_000 }
  clock.advance(1000)
  const text = String(client.read())
  expect(text).toContain('event: flush\ndata: {"timestamp":1700000010,"timestamp_ms":1700000010000}\n\n')
  clock.advance(1000)
  expect(eventsOf(client)).toEqual([])
})

test('a refused line is an event, on one line whatever it quotes', () => {
  const { feed, services } = setUp()
  const client = feed.join()
  client.read()
  const rejection: RejectionSample = {
    listener: 'statsd-udp',
    reason: 'no_type',
    line: 'a\n\nevent: status\r\ndata: {}\u2028',
    sender: '127.0.0.1:1',
    atMs: 1,
  }
  for (const listener of services.rejectionListeners) listener(rejection)
  const text = String(client.read())
  expect(text.split(/\r\n|\n|\r/)).toEqual(['event: rejection', expect.stringMatching(/^data: /), '', ''])
  expect(JSON.parse(text.slice(text.indexOf('data: ') + 6))).toEqual(rejection)
})

test('who joins is told the lines that were refused of late', () => {
  const { feed, services } = setUp()
  const rejection = { listener: 'statsd-udp', reason: 'no_type', sender: '127.0.0.1:1', atMs: 1 } as const
  services.pastRejections = [
    { ...rejection, line: 'one' },
    { ...rejection, line: 'two' },
  ]
  const text = String(feed.join().read())
  expect([...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name)).toEqual([
    'status',
    'rejection',
    'rejection',
  ])
  expect(text.indexOf('"one"')).toBeLessThan(text.indexOf('"two"'))
})

test('nobody looks while nobody watches', async () => {
  const { feed, services, clock } = setUp()
  let looks = 0
  const report = services.report
  services.status = () => {
    looks++
    return report
  }
  clock.advance(5000)
  expect(looks).toBe(0)
  const client = feed.join()
  expect(services.rejectionListeners.size).toBe(1)
  client.destroy()
  await once(client, 'close')
  looks = 0
  clock.advance(5000)
  expect([looks, services.rejectionListeners.size, feed.clientCount]).toEqual([0, 0, 0])
})

test('a client that does not read is let go, the others stay', async () => {
  const { feed, services, clock } = setUp()
  const idle = feed.join()
  const reader = feed.join()
  let readBytes = 0
  reader.on('data', (chunk: Buffer) => (readBytes += chunk.length))
  const gone = once(idle, 'close')
  for (let i = 0; i < 40 && !idle.destroyed; i++) {
    services.report = { ...services.report, nodeVersion: `${i}`.padEnd(10_000) }
    clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await gone
  expect(idle.readableLength).toBeLessThanOrEqual(256 * 1024)
  expect(feed.clientCount).toBe(1)
  expect(readBytes).toBeGreaterThan(100_000)
  feed.close()
})

test('a hundred may watch, and one may follow when one has left', async () => {
  const { feed } = setUp()
  const clients = Array.from({ length: 100 }, () => feed.join())
  expect(() => feed.join()).toThrow(expect.objectContaining({ code: 'server-busy' }) as Error)
  clients[0]?.destroy()
  await once(clients[0] as Readable, 'close')
  feed.join()
  expect(feed.clientCount).toBe(100)
  feed.close()
})

test('a status that cannot be read does not stop the feed', () => {
  const { feed, services, clock } = setUp()
  const client = feed.join()
  eventsOf(client)
  services.status = () => {
    throw new Error('broken')
  }
  clock.advance(2000)
  services.status = () => ({ ...services.report, metricCount: 5 })
  clock.advance(1000)
  expect(eventsOf(client)).toEqual(['status'])
})

test('closing ends every stream and takes no more', async () => {
  const { feed, services } = setUp()
  const client = feed.join()
  client.resume()
  const ended = once(client, 'end')
  feed.close()
  feed.close()
  await ended
  expect(services.rejectionListeners.size).toBe(0)
  expect(() => feed.join()).toThrow(expect.objectContaining({ code: 'not-ready' }) as Error)
})
