import { expect, test } from 'vitest'
import { type Clock, nextEventLoopTurn, systemClock } from '../lib/clock.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { openMemoryStore } from '../store/index.ts'
import { createStoreSink } from './store.ts'

const TIME_MS = 1_700_000_000_000

function identityOf(key: string): SeriesIdentity {
  return { key, metricKey: key, metricType: 'counter', statistic: 'count', rollup: 'sum' }
}

async function openSink(clock: Clock = systemClock) {
  const store = openMemoryStore()
  const sink = createStoreSink({ ...store, clock })
  const read = async (key: string): Promise<number[]> => {
    const range = { startMs: TIME_MS, endMs: TIME_MS + 20_000 }
    for await (const { values } of store.engine.read({
      series: [{ key, rollup: 'sum' }],
      range,
      stepMs: 10_000,
    })) {
      return [...values]
    }
    return []
  }
  return { store, sink, read }
}

test('a flush is stored under its one time, its series can be found', async () => {
  const { store, sink, read } = await openSink()
  const series = [identityOf('a'), identityOf('__proto__')]
  const metricCounts = { counter: 2, gauge: 0, timer: 0, set: 0 }
  const batch = {
    timestampMs: TIME_MS,
    intervalMs: 10_000,
    series,
    values: Float64Array.of(1, 2),
    metricCounts,
  }
  await sink.flush(batch)
  expect(await read('a')).toEqual([1, Number.NaN])
  expect(await read('__proto__')).toEqual([2, Number.NaN])
  expect(store.catalog.findSeries('*', 10).map(({ identity }) => identity)).toEqual([series[1], series[0]])
  expect(store.engine.stats().newestTimeMs).toBe(TIME_MS)
})

test('new series are taken in slices, between which others have their turn; names come last', async () => {
  let readings = 0
  const { store, sink } = await openSink({ ...systemClock, monotonicMs: () => readings++ * 10 })
  const series = Array.from({ length: 2_000 }, (_, index) => identityOf(`new.${index}`))
  const batch = {
    timestampMs: TIME_MS,
    intervalMs: 10_000,
    series,
    values: new Float64Array(series.length).fill(1),
    metricCounts: { counter: series.length, gauge: 0, timer: 0, set: 0 },
  }
  let isStored = false
  const stored = sink.flush(batch).then(() => (isStored = true))
  const found = new Set<number>()
  while (!isStored) {
    const { seriesCount } = store.catalog
    found.add(seriesCount)
    // As a whole, and before any name of it.
    if (seriesCount > 0) expect(store.engine.stats().pointCount).toBe(series.length)
    await nextEventLoopTurn()
  }
  await stored
  expect(found.size).toBeGreaterThan(5)
  expect(store.catalog.seriesCount).toBe(series.length)
})

test('points keep their own times, and are no flush; of each series its oldest and its newest are known', async () => {
  const { store, sink, read } = await openSink()
  const [a, b, none] = ['a', 'b', 'none'].map(identityOf) as [SeriesIdentity, SeriesIdentity, SeriesIdentity]
  sink.points({
    kind: 'indexed',
    series: [none, a, b],
    rows: Uint32Array.of(1, 2, 1),
    timesMs: Float64Array.of(TIME_MS + 15_000, TIME_MS + 2, TIME_MS + 1),
    values: Float64Array.of(5, 6, 7),
  })
  expect(await read('a')).toEqual([7, 5])
  expect(await read('b')).toEqual([6, Number.NaN])
  expect(store.catalog.get('a')).toEqual({
    identity: a,
    firstSeenMs: TIME_MS + 1,
    lastSeenMs: TIME_MS + 15_000,
  })
  expect(store.catalog.get('b')).toEqual({ identity: b, firstSeenMs: TIME_MS + 2, lastSeenMs: TIME_MS + 2 })
  expect(store.catalog.get('none')).toBeUndefined()
  expect(store.engine.stats().newestTimeMs).toBe(0)
})

test('a series whose points were refused cannot be found', async () => {
  const { store, sink } = await openSink()
  await store.close()
  const batch = {
    kind: 'indexed',
    series: [identityOf('a')],
    rows: Uint32Array.of(0),
    timesMs: Float64Array.of(1),
    values: Float64Array.of(1),
  } as const
  expect(() => sink.points(batch)).toThrow(expect.objectContaining({ isRetryable: true }))
  expect(store.catalog.seriesCount).toBe(0)
})
