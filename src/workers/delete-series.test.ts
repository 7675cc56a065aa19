import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { IntervalMerger } from '../aggregator/index.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { createStoreSink } from '../sinks/store.ts'
import { openMemoryStore } from '../store/index.ts'
import { deleteSeries } from './delete-series.ts'

const EVER = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }

function storeOf(keys: readonly string[]) {
  const store = openMemoryStore()
  for (const [index, key] of keys.entries()) {
    const series = [untypedIdentity(key), untypedIdentity(key)]
    const timesMs = Float64Array.of(1_000 + index, 2_000 + index)
    store.engine.append({ kind: 'number', series, timesMs, values: Float64Array.of(1, 2) })
    for (const [place, identity] of series.entries()) store.catalog.touch(identity, timesMs[place] ?? 0)
  }
  return store
}

test('a dry run changes nothing', async () => {
  const store = storeOf(['a.x', 'a.y', 'b'])
  const report = await deleteSeries(store, {
    patterns: ['a.*'],
    expressions: [],
    range: EVER,
    isDryRun: true,
  })
  expect(report).toEqual({ series: 2, names: ['a.x', 'a.y'], deleted: 0 })
  expect(store.engine.stats().pointCount).toBe(6)
})

test('series that keep no point lose their names', async () => {
  const store = storeOf(['a.x', 'a.y', 'b;env=prod', 'c'])
  const wanted = { patterns: ['a.*'], expressions: ['env=prod'], range: EVER, isDryRun: false }
  expect(await deleteSeries(store, wanted)).toEqual({
    series: 3,
    names: ['a.x', 'a.y', 'b;env=prod'],
    deleted: 3,
  })
  expect(store.catalog.seriesCount).toBe(1)
  expect(store.engine.stats().pointCount).toBe(2)
})

test('a part of the time takes points, and leaves names', async () => {
  const store = storeOf(['a', 'b'])
  const range = { startMs: 2_000, endMs: 2_001 }
  expect(
    await deleteSeries(store, { patterns: ['*'], expressions: [], range, isDryRun: false }),
  ).toMatchObject({
    series: 2,
    deleted: 1,
  })
  expect(store.catalog.seriesCount).toBe(2)
  expect(store.engine.stats().pointCount).toBe(3)
})

test('what matches nothing deletes nothing', async () => {
  const store = storeOf(['a'])
  const wanted = { patterns: ['x.*'], expressions: [], range: EVER, isDryRun: false }
  expect(await deleteSeries(store, wanted)).toEqual({ series: 0, names: [], deleted: 0 })
})

test("with a timer's counts goes its sketch, and with nothing else", async () => {
  const store = openMemoryStore()
  const sink = createStoreSink({ ...store, clock: systemClock })
  const merger = new IntervalMerger({ intervalMs: 10_000, wishes: () => ({ areSketchesWanted: true }) })
  const timers = merger.metrics('timer')
  for (const key of ['a', 'a.b', 'a;env=prod', 'a;env=test'])
    timers.at(timers.hold(key)).addAll(Float64Array.of(1, 2, 3), undefined)
  await sink.flush(merger.close(1_700_000_000_000))
  const bucketsLeft = (): string[] =>
    store.catalog
      .metrics(100)
      .filter(({ series }) => series.some(({ statistic }) => statistic === 'bucket'))
      .map(({ metricKey }) => metricKey)
      .sort()
  const remove = (patterns: string[], expressions: string[] = []) =>
    deleteSeries(store, { patterns, expressions, range: EVER, isDryRun: false })

  await remove(['stats.timers.a.upper', 'stats.timers.a.count_90'])
  expect(bucketsLeft()).toEqual(['a', 'a.b', 'a;env=prod', 'a;env=test'])
  expect(await remove(['stats.timers.a.count'])).toMatchObject({ series: 4, deleted: 4 })
  expect(bucketsLeft()).toEqual(['a.b', 'a;env=prod', 'a;env=test'])
  await remove([], ['name=stats.timers.a.count', 'env=prod'])
  expect(bucketsLeft()).toEqual(['a.b', 'a;env=test'])
})
