import { describe, expect, test } from 'vitest'
import type { StatusReport } from './api.ts'
import type { PageClock } from './browser-clock.ts'
import { type EventStream, LiveFeed } from './live.ts'
import { statusReport } from './testdata/status-report.ts'

class FakeStream implements EventStream {
  isClosed = false
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>()

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener)
  }

  close(): void {
    this.isClosed = true
  }

  send(type: string, data: unknown = null): void {
    this.#listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}

class FakePageClock implements PageClock {
  #nowMs = 1_000_000
  readonly #timers: { readonly atMs: number; action: (() => void) | null }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, action: action as (() => void) | null }
    this.#timers.push(timer)
    return () => {
      timer.action = null
    }
  }

  async advance(milliseconds: number): Promise<void> {
    this.#nowMs += milliseconds
    for (const timer of this.#timers) {
      if (timer.atMs > this.#nowMs) continue
      timer.action?.()
      timer.action = null
    }
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

function createFeed() {
  const clock = new FakePageClock()
  const streams: FakeStream[] = []
  const server = { answer: (): Promise<StatusReport> => Promise.reject(new Error('down')), asked: 0 }
  const feed = new LiveFeed({
    clock,
    openStream: () => {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
    readStatus: () => {
      server.asked++
      return server.answer()
    },
  })
  feed.open()
  return { clock, streams, server, feed }
}

test('the first event makes it live', () => {
  const { streams, feed } = createFeed()
  expect(feed.getState()).toMatchObject({ connection: 'connecting', status: null })
  streams[0]?.send('status', statusReport({ nowMs: 1_000_500, lastFlushMs: 990_000, packets: 7 }))
  expect(feed.getState()).toMatchObject({
    connection: 'live',
    clockOffsetMs: 500,
    lastFlushMs: 990_000,
    status: { packets: { received: 7 } },
  })
})

test('flushes and rejections are taken as they come, and listeners are told', () => {
  const { streams, feed } = createFeed()
  let told = 0
  const stop = feed.subscribe(() => told++)
  streams[0]?.send('flush', { timestamp: 1010, timestamp_ms: 1_010_000 })
  streams[0]?.send('rejection', { listener: 'udp', reason: 'no_value', line: 'x', sender: '::1', atMs: 1 })
  expect(feed.getState()).toMatchObject({ lastFlushMs: 1_010_000, lastRejection: { reason: 'no_value' } })
  expect(told).toBe(2)
  // As a stream that is opened again begins.
  streams[0]?.send('rejection', { listener: 'udp', reason: 'no_value', line: 'x', sender: '::1', atMs: 1 })
  expect(feed.getState().rejections).toHaveLength(1)
  stop()
  streams[0]?.send('flush', { timestamp: 1020, timestamp_ms: 1_020_000 })
  expect(told).toBe(2)
})

describe('when the stream fails', () => {
  test('the status is polled every two seconds until the stream is back', async () => {
    const { clock, streams, server, feed } = createFeed()
    await settle()
    server.answer = () => Promise.resolve(statusReport({}))
    streams[0]?.send('error')
    await settle()
    expect(feed.getState().connection).toBe('polling')
    const asked = server.asked
    await clock.advance(2000)
    await clock.advance(2000)
    expect(server.asked).toBe(asked + 2)

    await clock.advance(1000)
    expect(streams.length).toBe(2)
    expect(streams[0]?.isClosed).toBe(true)
    streams[1]?.send('status', statusReport({}))
    expect(feed.getState().connection).toBe('live')
    const askedThen = server.asked
    await clock.advance(10_000)
    expect(server.asked).toBe(askedThen)
  })

  test('it is offline while nothing answers, keeps what it knows, and comes back', async () => {
    const { clock, streams, server, feed } = createFeed()
    streams[0]?.send('status', statusReport({ packets: 7 }))
    streams[0]?.send('error')
    await settle()
    expect(feed.getState()).toMatchObject({ connection: 'offline', status: { packets: { received: 7 } } })
    server.answer = () => Promise.resolve(statusReport({ packets: 8 }))
    await clock.advance(2000)
    expect(feed.getState()).toMatchObject({ connection: 'polling', status: { packets: { received: 8 } } })
  })

  test('an error of a stream that was given up changes nothing', async () => {
    const { clock, streams } = createFeed()
    streams[0]?.send('error')
    streams[0]?.send('error')
    await clock.advance(5000)
    expect(streams.length).toBe(2)
  })
})

test('after a restart, flushes and traffic are counted anew', () => {
  const { streams, feed } = createFeed()
  const [stream] = streams
  stream?.send('status', statusReport({ packets: 50, lastFlushMs: 5_000_000 }))
  stream?.send('status', statusReport({ packets: 60, lastFlushMs: 5_000_000, nowMs: 1_001_000 }))
  expect(feed.getState().intake).toEqual([{ atMs: 1_001_000, packetsPerSecond: 10, isRejected: false }])
  stream?.send(
    'status',
    statusReport({ startedAtMs: 2_000_000, nowMs: 2_000_000, packets: 1, lastFlushMs: 1_990_000 }),
  )
  expect(feed.getState()).toMatchObject({ lastFlushMs: 1_990_000, intake: [] })
})

test('the trace keeps a minute', () => {
  const { streams, feed } = createFeed()
  for (let second = 0; second < 100; second++) {
    streams[0]?.send('status', statusReport({ nowMs: 1_000_000 + second * 1000, packets: second }))
  }
  expect(feed.getState().intake.length).toBe(60)
})

test('closing is final and may be repeated', async () => {
  const { clock, streams, server, feed } = createFeed()
  streams[0]?.send('error')
  feed.close()
  feed.close()
  const asked = server.asked
  await clock.advance(60_000)
  expect([streams.length, server.asked]).toEqual([1, asked])
})
