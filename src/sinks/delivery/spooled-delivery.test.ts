import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { silentLog } from '../../telemetry/log.ts'
import {
  allocateOwnMetrics,
  layoutOwnMetrics,
  OwnMetrics,
  readOwnMetrics,
} from '../../telemetry/own-metrics.ts'
import type { Sink } from '../sink.ts'
import { eventsOf, gaugesOf } from '../testdata/batches.ts'
import { removeSpoolDirectories, spoolDirectory } from '../testdata/spool-world.ts'
import { DeadLetterFile } from './dead-letter-file.ts'
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts'
import { SinkStorage } from './sink-storage.ts'

// A delivery with a data directory: what it keeps there, and finds there again.

const layout = layoutOwnMetrics({ listener: [], sink: ['test'], thread: [] })

let path: string
let clock: FakeClock
let buffer: SharedArrayBuffer
/** Times of the flushes that arrived. */
let arrived: number[]
let behaviour: 'take' | 'fail' | 'refuse'
let serial: number
let storages: SinkStorage[]

beforeEach(() => {
  path = spoolDirectory()
  clock = new FakeClock()
  buffer = allocateOwnMetrics(layout)
  arrived = []
  behaviour = 'take'
  serial = 0
  storages = []
})
afterEach(() => {
  for (const storage of storages) storage.close()
  removeSpoolDirectories()
})

const sink: Sink = {
  name: 'test',
  flush({ timestampMs }) {
    if (behaviour === 'fail')
      throw new KymoError('sink-unreachable', { name: 'test', address: 'nowhere', reason: 'it is down' })
    if (behaviour === 'refuse') throw new KymoError('sink-refused', { name: 'test', reason: 'it is poison' })
    arrived.push(timestampMs)
  },
  events() {
    if (behaviour === 'refuse') throw new KymoError('sink-refused', { name: 'test', reason: 'it is poison' })
  },
  close: () => Promise.resolve(),
}

async function start(options: Partial<DeliveryOptions> = {}): Promise<Delivery> {
  const storage = await SinkStorage.open({ path, clock, log: silentLog, lack: () => undefined })
  storages.push(storage)
  const delivery = createDelivery(sink, {
    type: 'fake',
    queuePoints: 10,
    spoolBytes: 1_000_000,
    storage: Promise.resolve(storage),
    clock,
    log: silentLog,
    metrics: new OwnMetrics(layout, buffer),
    random: () => 0.5,
    ...options,
  })
  await settle()
  return delivery
}

/** Stops it at once: what waits is kept. */
async function stop(delivery: Delivery): Promise<void> {
  const drained = delivery.drain(1_000)
  await settle()
  clock.advance(1_000)
  await drained
  storages.pop()?.close()
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The next flush, of so many points. */
function give(delivery: Delivery, points: number): number {
  serial += 1
  delivery.flush(
    gaugesOf(
      Array.from({ length: points }, (_, index) => `m${index}`),
      serial * 10_000,
    ),
  )
  return serial * 10_000
}

const ownMetric = (slot: string): number => readOwnMetrics(layout, [buffer]).get(slot) ?? Number.NaN

describe('a sink that is away', () => {
  test('finds everything that was given to it meanwhile, in order', async () => {
    behaviour = 'fail'
    const delivery = await start()
    const given = Array.from({ length: 50 }, () => give(delivery, 3))
    await settle()
    expect(delivery.status()).toMatchObject({
      state: 'retrying',
      queuedPoints: 150,
      droppedPoints: 0,
      oldestMs: 10_000,
    })
    expect(delivery.status().lastErrorCode).toBe('sink-unreachable')
    expect(ownMetric('kymo_spool_bytes{sink="test"}')).toBe(delivery.status().spoolBytes)
    expect(delivery.status().spoolBytes).toBeGreaterThan(0)
    behaviour = 'take'
    clock.advance(1_000)
    await settle()
    expect(arrived).toEqual(given)
    expect(delivery.status()).toMatchObject({ state: 'ok', queuedPoints: 0, spoolBytes: 0, oldestMs: null })
  })

  test('finds it after a stop and a start, too, what was in memory first', async () => {
    behaviour = 'fail'
    const first = await start()
    const given = Array.from({ length: 20 }, () => give(first, 3))
    await stop(first)
    expect(first.status()).toMatchObject({ queuedPoints: 60, droppedPoints: 0 })
    behaviour = 'take'
    const second = await start()
    given.push(give(second, 3))
    await settle()
    expect(arrived).toEqual(given)
    expect(second.status()).toMatchObject({ queuedPoints: 0, sentPoints: 63 })
  })

  test('loses the oldest when there is no more room on disk either, and they are counted', async () => {
    behaviour = 'fail'
    const delivery = await start({ spoolBytes: 70_000 })
    for (let flush = 0; flush < 2_000; flush++) give(delivery, 5)
    await settle()
    const { queuedPoints, droppedPoints } = delivery.status()
    expect(droppedPoints).toBeGreaterThan(0)
    expect(queuedPoints + droppedPoints).toBe(10_000)
    expect(ownMetric('kymo_dropped_points_total{sink="test",reason="queue_full"}')).toBe(droppedPoints)
  })

  test('is asked for nothing before it is known what another process left', async () => {
    const opened = Promise.withResolvers<SinkStorage | undefined>()
    const delivery = await start({ storage: opened.promise })
    give(delivery, 1)
    await settle()
    expect(arrived).toEqual([])
    opened.resolve(undefined)
    await settle()
    expect(arrived).toEqual([10_000])
  })

  test('and is to be stopped before that is known is stopped by its deadline', async () => {
    const delivery = await start({ storage: new Promise(() => {}) })
    give(delivery, 2)
    await stop(delivery)
    expect(delivery.status()).toMatchObject({ queuedPoints: 0, droppedPoints: 2 })
  })

  test('is behind while what comes first is older than a minute', async () => {
    const delivery = await start()
    behaviour = 'fail'
    const timestampMs = clock.nowMs()
    const names = ['m']
    for (let flush = 0; flush < 20; flush++) delivery.flush(gaugesOf(names, timestampMs + flush * 10_000))
    await settle()
    behaviour = 'take'
    const hung = Promise.withResolvers<void>()
    delivery.replaceSink(
      { ...sink, flush: ({ timestampMs: atMs }) => (atMs > timestampMs ? hung.promise : undefined) },
      { type: 'fake', queuePoints: 10, spoolBytes: 1_000_000 },
    )
    clock.advance(60_000)
    await settle()
    expect(delivery.status().state).toBe('ok')
    clock.advance(11_000)
    expect(delivery.status()).toMatchObject({ state: 'behind', oldestMs: timestampMs + 10_000 })
    hung.resolve()
  })
})

describe('what is refused', () => {
  test('is written down, point by point', async () => {
    const deadLetters = new DeadLetterFile({
      directory: join(path, 'dead-letter'),
      sinkName: 'test',
      clock,
      log: silentLog,
    })
    const delivery = await start({ deadLetters })
    behaviour = 'refuse'
    delivery.flush(gaugesOf(['a;k=v', 'b'], 1_700_000_010_000))
    delivery.events(eventsOf(['deploy']))
    await settle()
    await deadLetters.settle()
    const lines = readFileSync(join(path, 'dead-letter', 'test.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
    const head = {
      time: '2023-11-14T22:13:20.000Z',
      sink: 'test',
      code: 'sink-refused',
      reason: 'The sink "test" does not take a batch: it is poison.',
    }
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...head, series: 'stats.gauges.a;k=v', timestamp: 1_700_000_010, value: 0 },
      { ...head, series: 'stats.gauges.b', timestamp: 1_700_000_010, value: 1 },
      { ...head, event: eventsOf(['deploy'])[0] },
    ])
    expect(delivery.status()).toMatchObject({ state: 'refusing', droppedPoints: 3 })
  })

  test('has the code of why, and what was too much at once has none', async () => {
    const directory = join(path, 'dead-letter')
    const letters = new DeadLetterFile({ directory, sinkName: 'test', clock, log: silentLog })
    letters.add('no', ['a'])
    letters.add('too long', ['b'], 'sink-unfit')
    letters.add('no', Array(200_000).fill(0))
    await letters.settle()
    const lines = readFileSync(join(directory, 'test.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { code?: string }).code)).toEqual([
      'sink-refused',
      'sink-unfit',
      undefined,
    ])
    expect(lines.at(-1)).toContain('"reason":"too many at once","leftOut":200000')
  })

  test('takes no more than two files, and only what has room', async () => {
    const directory = join(path, 'dead-letter')
    const letters = new DeadLetterFile({
      directory,
      sinkName: 'test',
      clock,
      log: silentLog,
      limitBytes: 2_000,
    })
    const odd = { toJSON: () => 1n }
    for (let index = 0; index < 100; index++) {
      letters.add('too old', [{ index }, odd, Number.NaN])
      await letters.settle()
    }
    const sizes = ['test.jsonl', 'test.old.jsonl'].map((name) => readFileSync(join(directory, name)).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })

  test('costs nothing but the letters where they cannot be written', async () => {
    const directory = join(path, 'there', 'spool\0')
    const letters = new DeadLetterFile({ directory, sinkName: 'test', clock, log: silentLog })
    letters.add('too old', [1, 2])
    await letters.settle()
    letters.add('too old', [3])
    await letters.settle()
    expect(existsSync(join(path, 'there'))).toBe(false)
  })
})

test('given points are sent, dropped or queued at every moment, across restarts', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ flush: fc.nat(8) }) },
    { weight: 2, arbitrary: fc.record({ behaviour: fc.constantFrom('take', 'fail', 'refuse') }) },
    { weight: 2, arbitrary: fc.record({ advanceMs: fc.nat(5_000) }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.record({ spoolBytes: fc.constantFrom(0, 70_000, 1_000_000) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      path = spoolDirectory()
      buffer = allocateOwnMetrics(layout)
      let delivery = await start()
      let given = 0
      let before = { sentPoints: 0, droppedPoints: 0 }
      const check = () => {
        const { queuedPoints, sentPoints, droppedPoints, spoolBytes } = delivery.status()
        expect(queuedPoints + sentPoints + droppedPoints + before.sentPoints + before.droppedPoints).toBe(
          given,
        )
        expect(ownMetric('kymo_queue_points{sink="test"}')).toBe(queuedPoints)
        expect(ownMetric('kymo_spool_bytes{sink="test"}')).toBe(spoolBytes)
      }
      for (const action of steps) {
        if (action === 'restart') {
          await stop(delivery)
          check()
          const { sentPoints, droppedPoints } = delivery.status()
          before = {
            sentPoints: before.sentPoints + sentPoints,
            droppedPoints: before.droppedPoints + droppedPoints,
          }
          delivery = await start()
        } else if ('advanceMs' in action) clock.advance(action.advanceMs)
        else if ('behaviour' in action) behaviour = action.behaviour as typeof behaviour
        else if ('spoolBytes' in action)
          delivery.replaceSink(sink, { type: 'fake', queuePoints: 10, ...action })
        else {
          given += action.flush
          give(delivery, action.flush)
        }
        check()
        await settle()
        check()
      }
      behaviour = 'take'
      await stop(delivery)
      check()
      expect(arrived).toEqual(arrived.toSorted((a, b) => a - b))
      arrived = []
    }),
    { numRuns: 60 },
  )
})
