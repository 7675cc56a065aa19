import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { type Log, silentLog } from '../../telemetry/log.ts'
import {
  allocateOwnMetrics,
  layoutOwnMetrics,
  OwnMetrics,
  readOwnMetrics,
} from '../../telemetry/own-metrics.ts'
import type { Sink, SinkResult } from '../sink.ts'
import { eventsOf, gaugesOf, pointBatchOf } from '../testdata/batches.ts'
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts'

const UNREACHABLE = new KymoError('sink-unreachable', {
  name: 'test',
  address: 'nowhere',
  reason: 'it is down',
})
const REFUSED = new KymoError('sink-refused', { name: 'test', reason: 'it is poison' })

/** A sink that does as it is told, batch by batch. */
class ObedientSink implements Sink {
  readonly name = 'test'
  /** `flush a,b`, `points a,b` or `events a,b`, for each attempt. */
  readonly attempts: string[] = []
  readonly signals: AbortSignal[] = []
  closeCount = 0
  behave: () => Promise<SinkResult | void> | SinkResult | void = () => {}

  flush(batch: FlushBatch, signal: AbortSignal): Promise<SinkResult | void> | SinkResult | void {
    return this.#attempt('flush', keysOf(batch), signal)
  }

  points(
    batch: Pick<FlushBatch, 'series'>,
    signal: AbortSignal,
  ): Promise<SinkResult | void> | SinkResult | void {
    return this.#attempt('points', keysOf(batch), signal)
  }

  events(
    events: readonly MetricEvent[],
    signal: AbortSignal,
  ): Promise<SinkResult | void> | SinkResult | void {
    return this.#attempt(
      'events',
      events.map(({ title }) => title),
      signal,
    )
  }

  async close(): Promise<void> {
    this.closeCount += 1
  }

  #attempt(kind: string, names: readonly string[], signal: AbortSignal) {
    this.attempts.push(`${kind} ${names.join()}`)
    this.signals.push(signal)
    return this.behave()
  }
}

function keysOf({ series }: Pick<FlushBatch, 'series'>): string[] {
  return series.map((identity) => identity.metricKey)
}

const layout = layoutOwnMetrics({ listener: [], sink: ['test'], thread: [] })

let clock: FakeClock
let sink: ObedientSink
let buffer: SharedArrayBuffer

beforeEach(() => {
  clock = new FakeClock()
  sink = new ObedientSink()
  buffer = allocateOwnMetrics(layout)
})

function start(options: Partial<DeliveryOptions> = {}, to: Sink = sink): Delivery {
  return createDelivery(to, {
    type: 'fake',
    queuePoints: 100,
    clock,
    log: silentLog,
    metrics: new OwnMetrics(layout, buffer),
    random: () => 0.5,
    ...options,
  })
}

function ownMetric(slot: string): number {
  const value = readOwnMetrics(layout, [buffer]).get(slot)
  if (value === undefined) throw new Error(`no slot ${slot}`)
  return value
}

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const never = () => new Promise<void>(() => {})
const fail = (error: unknown) => () => {
  throw error
}

describe('a sink that works', () => {
  test('is given batches one at a time, in the order they came', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    sink.behave = () => promise
    const delivery = start()
    delivery.flush(gaugesOf(['a', 'b']))
    delivery.points(pointBatchOf(['c']))
    delivery.flush(gaugesOf(['d']))
    await settle()
    expect(sink.attempts).toEqual(['flush a,b'])
    expect(delivery.status()).toMatchObject({ queuedPoints: 4, sentPoints: 0 })
    expect(ownMetric('kymo_queue_points{sink="test"}')).toBe(4)
    resolve()
    await settle()
    expect(sink.attempts).toEqual(['flush a,b', 'points c', 'flush d'])
    expect(delivery.status()).toEqual({
      name: 'test',
      type: 'fake',
      state: 'ok',
      queuedPoints: 0,
      spoolBytes: 0,
      oldestMs: null,
      sentPoints: 4,
      droppedPoints: 0,
      droppedByReason: {},
      lastError: null,
      lastErrorCode: null,
      lastErrorHelp: null,
      lastSuccessMs: clock.nowMs(),
      lastFlushMs: clock.nowMs(),
      lastSending: null,
      lastFailureMs: null,
    })
    expect(ownMetric('kymo_queue_points{sink="test"}')).toBe(0)
    expect(ownMetric('kymo_sent_points_total{sink="test"}')).toBe(4)
  })

  test('says when it took the last flush, and what that took it', async () => {
    const sending = { encodingMs: 1, sendingMs: 2, bytes: 3 }
    sink.behave = () => ({ refusedPoints: 0, sending })
    const told: (number | null)[] = []
    const delivery = start({ onAttempt: ({ lastFlushMs }) => told.push(lastFlushMs) })
    expect(delivery.status()).toMatchObject({ lastFlushMs: null, lastSending: null })
    delivery.flush(gaugesOf(['a']))
    await settle()
    const lastFlushMs = clock.nowMs()
    clock.advance(5_000)
    delivery.points(pointBatchOf(['b']))
    await settle()
    expect(delivery.status()).toMatchObject({ lastFlushMs, lastSending: sending, lastFailureMs: null })
    expect(told).toEqual([lastFlushMs, lastFlushMs])
  })

  test('is given events in their turn, each counted as a point', async () => {
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    delivery.events(eventsOf(['deploy', 'rollback']))
    delivery.flush(gaugesOf(['b']))
    expect(delivery.status().queuedPoints).toBe(4)
    await settle()
    expect(sink.attempts).toEqual(['flush a', 'events deploy,rollback', 'flush b'])
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 4 })
  })

  test('is not asked for what it cannot carry', async () => {
    const delivery = start({}, { name: 'test', close: () => Promise.resolve() })
    delivery.flush(gaugesOf(['a']))
    delivery.points(pointBatchOf(['a']))
    delivery.events(eventsOf(['a']))
    await settle()
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 0, droppedPoints: 0 })
  })

  test('says what it left out, which counts as refused', async () => {
    sink.behave = () => ({ refusedPoints: 2 })
    const delivery = start()
    delivery.flush(gaugesOf(['a', 'b', 'c']))
    await settle()
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 1, droppedPoints: 2 })
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="refused"}')).toBe(2)
  })
})

describe('a sink that cannot be reached', () => {
  test('is tried again after pauses that double, with the same batch, for ever', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    delivery.flush(gaugesOf(['b']))
    for (const pauseMs of [750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500, 22_500]) {
      await settle()
      const attempts = sink.attempts.length
      clock.advance(pauseMs - 1)
      await settle()
      expect(sink.attempts.length).toBe(attempts)
      clock.advance(1)
      await settle()
      expect(sink.attempts.length).toBe(attempts + 1)
    }
    expect(new Set(sink.attempts)).toEqual(new Set(['flush a']))
    expect(delivery.status().lastError).toBe('The sink "test" cannot be reached at nowhere: it is down.')
    expect(ownMetric('kymo_sink_failures_total{sink="test"}')).toBe(9)

    sink.behave = () => {}
    clock.advance(22_500)
    await settle()
    expect(sink.attempts.slice(-2)).toEqual(['flush a', 'flush b'])
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 2, lastError: null })

    sink.behave = fail(UNREACHABLE)
    delivery.flush(gaugesOf(['c']))
    await settle()
    sink.behave = () => {}
    clock.advance(750)
    await settle()
    expect(delivery.status().sentPoints).toBe(3)
  })

  test.each([
    ['cannot be reached', UNREACHABLE],
    ['refuses a batch', REFUSED],
  ])('says when it last failed: it %s', async (_how, error) => {
    const told: (number | null)[] = []
    const delivery = start({ onAttempt: ({ lastFailureMs }) => told.push(lastFailureMs) })
    sink.behave = fail(error)
    delivery.flush(gaugesOf(['a']))
    await settle()
    const lastFailureMs = clock.nowMs()
    sink.behave = () => {}
    clock.advance(1_000)
    delivery.flush(gaugesOf(['b']))
    await settle()
    expect(delivery.status()).toMatchObject({ lastFlushMs: clock.nowMs(), lastFailureMs })
    expect(new Set(told)).toEqual(new Set([lastFailureMs]))
  })

  test('loses the oldest points when the queue is full, and they are counted', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start({ queuePoints: 3 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      delivery.flush(gaugesOf([name]))
      await settle()
    }
    expect(delivery.status()).toMatchObject({ queuedPoints: 3, droppedPoints: 2 })
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="queue_full"}')).toBe(2)
    sink.behave = () => {}
    clock.advance(1_000)
    await settle()
    expect(sink.attempts.slice(-3)).toEqual(['flush c', 'flush d', 'flush e'])
  })

  test('is told of once when it goes, once when the queue overflows and once when it is back', async () => {
    const lines: string[] = []
    const note = (fields: Record<string, unknown>, message: string) =>
      void lines.push(`${message} ${JSON.stringify({ ...fields, help: undefined })}`)
    const log = { info: note, warn: note, error: note } as unknown as Log
    sink.behave = fail(UNREACHABLE)
    const delivery = start({ log, queuePoints: 2 })
    for (let flush = 0; flush < 4; flush += 1) {
      delivery.flush(gaugesOf(['a']))
      await settle()
      clock.advance(30_000)
      await settle()
    }
    sink.behave = () => {}
    clock.advance(30_000)
    await settle()
    expect(lines).toEqual([
      'a sink does not deliver; its batches wait in memory {"sink":"test","error":"The sink \\"test\\" cannot be reached at nowhere: it is down."}',
      'the queue of a sink is full; its oldest points are dropped {"sink":"test"}',
      'a sink delivers again {"sink":"test","lastedSeconds":150,"droppedPoints":2}',
    ])
  })

  test('does not disturb another', async () => {
    const other = new ObedientSink()
    sink.behave = fail(UNREACHABLE)
    const broken = start()
    const working = start({}, other)
    for (const delivery of [broken, working]) delivery.flush(gaugesOf(['a']))
    await settle()
    expect(broken.status().sentPoints).toBe(0)
    expect(working.status().sentPoints).toBe(1)
  })
})

describe('a batch that is refused', () => {
  test.each([
    ['with an error that cannot be retried', REFUSED],
    ['by a bug of the sink', new TypeError('undefined is not a function')],
    ['with something that is no error', 'nonsense'],
  ])('%s is dropped and counted, and the next is tried at once', async (_, error) => {
    sink.behave = () => {
      if (sink.attempts.length === 1) throw error
    }
    const delivery = start()
    delivery.flush(gaugesOf(['poison', 'poison']))
    delivery.flush(gaugesOf(['good']))
    await settle()
    expect(sink.attempts).toEqual(['flush poison,poison', 'flush good'])
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 1, droppedPoints: 2 })
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="refused"}')).toBe(2)
    expect(ownMetric('kymo_sink_failures_total{sink="test"}')).toBe(0)
  })
})

describe('a sink that hangs', () => {
  test('is told so by its signal, and the batch is tried again', async () => {
    sink.behave = () =>
      new Promise((_, reject) => {
        const signal = sink.signals.at(-1)
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    const delivery = start({ attemptTimeoutMs: 5_000 })
    delivery.flush(gaugesOf(['a']))
    await settle()
    sink.behave = () => {}
    clock.advance(5_000)
    await settle()
    expect(delivery.status().lastError).toBe('The sink "test" has not finished a batch within 5 s.')
    clock.advance(750)
    await settle()
    expect(sink.attempts).toEqual(['flush a', 'flush a'])
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 1, lastError: null })
  })

  test('and does not obey is never given a second batch beside the first; its queue stays bounded', async () => {
    sink.behave = never
    const delivery = start({ attemptTimeoutMs: 5_000, queuePoints: 3 })
    for (let flush = 0; flush < 100; flush += 1) delivery.flush(gaugesOf(['a']))
    clock.advance(60_000)
    await settle()
    expect(sink.attempts.length).toBe(1)
    expect(delivery.status()).toMatchObject({ queuedPoints: 3, droppedPoints: 97 })
    expect(delivery.status().lastError).not.toBe(null)
  })
})

describe('at a stop', () => {
  test('with nothing queued, the sink is closed at once', async () => {
    await start().drain(5_000)
    expect(sink.closeCount).toBe(1)
  })

  test('what is queued is delivered, a pause is cut short, and the sink is closed once', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    delivery.flush(gaugesOf(['b']))
    await settle()
    sink.behave = () => {}
    await Promise.all([delivery.drain(5_000), delivery.drain(5_000)])
    await delivery.drain(5_000)
    expect(sink.attempts).toEqual(['flush a', 'flush a', 'flush b'])
    expect(sink.closeCount).toBe(1)
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 2, droppedPoints: 0 })
  })

  test('the sink is tried until the deadline; then the rest is dropped and counted', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start()
    delivery.flush(gaugesOf(['a', 'b']))
    await settle()
    const drained = delivery.drain(5_000)
    for (let ms = 0; ms < 5_000; ms += 250) {
      await settle()
      clock.advance(250)
    }
    await drained
    // One before the stop, one at it, then after 750, 1,500 and 3,000 ms, of which the last is too late.
    expect(sink.attempts.length).toBe(4)
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, sentPoints: 0, droppedPoints: 2 })
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="stopped"}')).toBe(2)
    expect(ownMetric('kymo_queue_points{sink="test"}')).toBe(0)
    expect(sink.closeCount).toBe(1)
  })

  test('a sink that hangs is aborted at the deadline, and a second stop can bring it forward', async () => {
    sink.behave = never
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    await settle()
    const drained = delivery.drain(60_000)
    void delivery.drain(1_000)
    clock.advance(999)
    expect(sink.signals[0]?.aborted).toBe(false)
    clock.advance(1)
    expect(sink.signals[0]?.aborted).toBe(true)
    await drained
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, droppedPoints: 1 })
  })

  test.each([
    ['hangs', never],
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
  ])('a sink that %s when it is closed does not hold it up', async (_, close) => {
    const drained = start({}, { name: 'test', close: vi.fn(close) }).drain(5_000)
    await settle()
    clock.advance(1_000)
    await drained
  })

  test('what comes afterwards is dropped and counted', async () => {
    const delivery = start()
    await delivery.drain(0)
    delivery.flush(gaugesOf(['a']))
    await settle()
    expect(sink.attempts).toEqual([])
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="stopped"}')).toBe(1)
  })
})

describe('a sink that is replaced', () => {
  const other = { type: 'other', queuePoints: 100 }

  test('while nothing is under way is closed, and the new one goes on', async () => {
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    await settle()
    const next = new ObedientSink()
    delivery.replaceSink(next, other)
    delivery.flush(gaugesOf(['b']))
    await settle()
    expect([sink.attempts, next.attempts]).toEqual([['flush a'], ['flush b']])
    expect([sink.closeCount, next.closeCount]).toEqual([1, 0])
    expect(delivery.status()).toMatchObject({ type: 'other', sentPoints: 2, queuedPoints: 0 })
  })

  test.each([
    ['of the same type goes on with when the last flush was', 'fake', true],
    ['of another type has had no flush yet', 'other', false],
  ])('by one %s', async (_, type, goesOn) => {
    const sending = { encodingMs: 1, sendingMs: 2, bytes: 3 }
    sink.behave = () => ({ refusedPoints: 0, sending })
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    await settle()
    const lastFlushMs = clock.nowMs()
    clock.advance(1_000)
    delivery.replaceSink(new ObedientSink(), { ...other, type })
    const { lastFlushMs: toldMs, lastSending } = delivery.status()
    expect([toldMs, lastSending]).toEqual(goesOn ? [lastFlushMs, sending] : [null, null])
  })

  test('because it cannot be reached leaves its queue to the new one, which is tried at once', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    delivery.flush(gaugesOf(['b']))
    await settle()
    const next = new ObedientSink()
    delivery.replaceSink(next, other)
    await settle()
    expect(next.attempts).toEqual(['flush a', 'flush b'])
    expect(sink.closeCount).toBe(1)
    expect(delivery.status()).toMatchObject({ sentPoints: 2, droppedPoints: 0, lastError: null })
  })

  test('may finish the batch that it is at', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    sink.behave = () => promise
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    delivery.flush(gaugesOf(['b']))
    await settle()
    const next = new ObedientSink()
    delivery.replaceSink(next, other)
    await settle()
    expect([sink.closeCount, next.attempts]).toEqual([0, []])
    resolve()
    await settle()
    expect([sink.attempts, next.attempts]).toEqual([['flush a'], ['flush b']])
    expect(sink.closeCount).toBe(1)
  })

  test.each([
    ['hangs', UNREACHABLE],
    ['refuses in the end', REFUSED],
  ])('and %s is given five seconds; then the new one gets the batch', async (_, error) => {
    sink.behave = () =>
      new Promise((_resolve, reject) => {
        sink.signals[0]?.addEventListener('abort', () => reject(error))
      })
    const delivery = start()
    delivery.flush(gaugesOf(['a']))
    await settle()
    const never = new ObedientSink()
    const next = new ObedientSink()
    delivery.replaceSink(never, other)
    delivery.replaceSink(next, other)
    clock.advance(4_999)
    await settle()
    expect([next.attempts, sink.closeCount]).toEqual([[], 0])
    clock.advance(1)
    await settle()
    expect(next.attempts).toEqual(['flush a'])
    expect([sink.closeCount, never.closeCount]).toEqual([1, 1])
    expect(delivery.status()).toMatchObject({ sentPoints: 1, droppedPoints: 0 })
    expect(ownMetric('kymo_sink_failures_total{sink="test"}')).toBe(0)
  })

  test('by one that carries less: what that one cannot carry counts as refused', async () => {
    sink.behave = fail(UNREACHABLE)
    const delivery = start()
    delivery.events(eventsOf(['deploy']))
    delivery.flush(gaugesOf(['a']))
    await settle()
    const flushed: string[] = []
    const lesser: Sink = {
      name: 'test',
      flush: (batch) => void flushed.push(...keysOf(batch)),
      close: () => Promise.resolve(),
    }
    delivery.replaceSink(lesser, other)
    await settle()
    expect(flushed).toEqual(['a'])
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="refused"}')).toBe(1)
  })

  test('after the stop is closed at once', async () => {
    const delivery = start()
    await delivery.drain(0)
    const next = new ObedientSink()
    delivery.replaceSink(next, other)
    expect([sink.closeCount, next.closeCount]).toEqual([1, 1])
  })

  test('has a queue as long as the new one may have', async () => {
    sink.behave = never
    const delivery = start({ queuePoints: 2 })
    delivery.replaceSink(sink, { type: 'fake', queuePoints: 4 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) delivery.flush(gaugesOf([name]))
    await settle()
    expect(delivery.status()).toMatchObject({ queuedPoints: 4, droppedPoints: 1 })
  })
})

test('given points are sent, dropped or queued at every moment, whatever the sink does', async () => {
  const step = fc.oneof(
    fc.record({ flush: fc.nat(5) }),
    fc.record({ points: fc.nat(5) }),
    fc.record({ behaviour: fc.constantFrom('take', 'fail', 'refuse', 'hang', 'leave out') }),
    fc.record({ advanceMs: fc.nat(5_000) }),
    fc.record({ queuePoints: fc.integer({ min: 1, max: 10 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      clock = new FakeClock()
      sink = new ObedientSink()
      buffer = allocateOwnMetrics(layout)
      const delivery = start({ queuePoints: 8, attemptTimeoutMs: 2_000 })
      let given = 0
      const check = () => {
        const { queuedPoints, sentPoints, droppedPoints } = delivery.status()
        expect(queuedPoints + sentPoints + droppedPoints).toBe(given)
        expect(ownMetric('kymo_queue_points{sink="test"}')).toBe(queuedPoints)
        expect(ownMetric('kymo_sent_points_total{sink="test"}')).toBe(sentPoints)
        const drops = ['queue_full', 'stopped', 'refused'].map((reason) =>
          ownMetric(`kymo_dropped_points_total{sink="test",reason="${reason}"}`),
        )
        expect(drops.reduce((sum, count) => sum + count, 0)).toBe(droppedPoints)
      }
      for (const action of steps) {
        if ('advanceMs' in action) clock.advance(action.advanceMs)
        else if ('behaviour' in action) sink.behave = behaviour(action.behaviour)
        else if ('queuePoints' in action) {
          sink = new ObedientSink()
          delivery.replaceSink(sink, { type: 'fake', ...action })
        } else if ('flush' in action) {
          given += action.flush
          delivery.flush(gaugesOf(Array.from({ length: action.flush }, (_, index) => `m${index}`)))
        } else {
          given += action.points
          delivery.points(pointBatchOf(Array.from({ length: action.points }, (_, index) => `m${index}`)))
        }
        check()
        await settle()
        check()
      }
      const drained = delivery.drain(1_000)
      clock.advance(1_000)
      await drained
      check()
      expect(delivery.status().queuedPoints).toBe(0)
    }),
    { numRuns: 100 },
  )
})

function behaviour(word: string): ObedientSink['behave'] {
  switch (word) {
    case 'fail':
      return fail(UNREACHABLE)
    case 'refuse':
      return fail(REFUSED)
    case 'hang':
      return () =>
        new Promise((_, reject) => {
          const signal = sink.signals.at(-1)
          signal?.addEventListener('abort', () => reject(signal.reason))
        })
    case 'leave out':
      return () => ({ refusedPoints: sink.attempts.at(-1)?.endsWith('m0') ? 1 : 0 })
    default:
      return () => {}
  }
}
