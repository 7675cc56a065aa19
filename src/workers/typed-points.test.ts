import { expect, test } from 'vitest'
import { createSeriesLimits } from '../admission/index.ts'
import { createNaming } from '../aggregator/index.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { openMemoryStore } from '../store/index.ts'
import { type IndexedPoints, seriesOfPoint } from '../model/point.ts'
import { SeriesByNumber } from './numbered-series.ts'
import { PointAdmission } from './point-admission.ts'
import type { PointType } from './point-identities.ts'
import { TypedPoints, type TypedPointsOptions } from './typed-points.ts'

type Row = [key: string, type: PointType, timeMs: number, value: number]

/** As a thread sends them that has sent nothing before: each row is a series of its own. */
function toBatch(typed: TypedPoints, ...rows: Row[]): IndexedPoints {
  return typed.toBatch(
    {
      newKeys: rows.map(([key]) => key),
      newTypes: rows.map(([, type]) => type),
      newFrom: 0,
      ids: Uint32Array.from(rows.keys()),
      timesMs: Float64Array.from(rows, ([, , timeMs]) => timeMs),
      values: Float64Array.from(rows, ([, , , value]) => value),
    },
    new SeriesByNumber(),
  )
}

function create(changes: Partial<TypedPointsOptions> = {}): TypedPoints {
  return new TypedPoints({
    naming: createNaming(),
    catalog: () => undefined,
    admission: { admits: () => true },
    onRefused: (count) => expect.fail(`${count} were refused`),
    monotonicMs: () => 0,
    ...changes,
  })
}

test('typed points go to the series of their metric; those of a counter in one second add up', () => {
  const typed = create()
  const batch = toBatch(
    typed,
    ['hits', 'counter', 1_000, 2],
    ['hits', 'counter', 1_500, 3],
    ['level', 'gauge', 1_000, 4],
    ['a.b', 'untyped', 1_000, 5],
  )
  expect(Array.from(batch.rows, (row) => batch.series[row]?.key)).toEqual([
    'stats.counters.hits.count',
    'stats.counters.hits.count',
    'stats.gauges.level',
    'a.b',
  ])
  expect([...batch.values]).toEqual([2, 5, 4, 5])
  expect([...toBatch(typed, ['hits', 'counter', 1_999, 1]).values]).toEqual([6])
})

test('a series is there once for all its points, in each batch anew', () => {
  const typed = create()
  const byNumber = new SeriesByNumber()
  const send = (newKeys: readonly string[], ids: readonly number[]) => {
    const batch = typed.toBatch(
      {
        newKeys,
        newTypes: newKeys.map((key) => (key.startsWith('c') ? 'counter' : 'untyped')),
        newFrom: newKeys.length === 0 ? 3 : 0,
        ids: Uint32Array.from(ids),
        timesMs: Float64Array.from(ids, () => 1_000),
        values: Float64Array.from(ids.keys()),
      },
      byNumber,
    )
    const keys = batch.series.map(({ key }) => key)
    return { keys, rows: [...batch.rows], values: [...batch.values] }
  }
  expect(send(['a', 'c', 'b'], [1, 0, 1, 0, 2, 1])).toEqual({
    keys: ['stats.counters.c.count', 'a', 'b'],
    rows: [0, 1, 0, 1, 2, 0],
    // Those of the counter add up.
    values: [0, 1, 2, 3, 4, 7],
  })
  expect(send([], [2, 2, 0])).toEqual({ keys: ['b', 'a'], rows: [0, 0, 1], values: [0, 1, 2] })
})

test('a series that the catalog knows stays what it is', async () => {
  const store = openMemoryStore()
  const { catalog } = store
  const known = { ...untypedIdentity('stats.gauges.a'), metricType: 'gauge' } as const
  catalog.touch(known, 1)
  let nowMs = 0
  const typed = create({ catalog: () => catalog, monotonicMs: () => nowMs })
  const byNumber = new SeriesByNumber()
  const send = (newKeys: readonly string[]) =>
    typed.toBatch(
      {
        newKeys,
        newTypes: newKeys.map(() => 'untyped' as const),
        newFrom: 0,
        ids: Uint32Array.of(0),
        timesMs: Float64Array.of(1),
        values: Float64Array.of(1),
      },
      byNumber,
    ).series[0]
  const first = send(['stats.gauges.a'])
  expect(first).toEqual(known)
  // The catalog is asked again, and what it says is the same: so is the object.
  nowMs = 60_000
  expect(send([])).toBe(first)
  await store.close()
})

test('renamed, typed points go to the new series, and a counter keeps what its second has', () => {
  const typed = create()
  toBatch(typed, ['hits', 'counter', 1_000, 2], ['a.b', 'untyped', 1_000, 1])
  typed.rename(createNaming({ globalPrefix: 'kymo' }))
  const batch = toBatch(typed, ['hits', 'counter', 1_500, 3], ['a.b', 'untyped', 1_500, 1])
  expect(Array.from(batch.rows, (row) => batch.series[row]?.key)).toEqual(['kymo.counters.hits.count', 'a.b'])
  expect([...batch.values]).toEqual([5, 1])
})

test('points of series over a limit are left out and counted; what is known, stored or flushed by Kymo is let in', async () => {
  const store = openMemoryStore()
  const { catalog } = store
  catalog.touch(untypedIdentity('stored'), 1)
  catalog.touch({ ...untypedIdentity('stats.gauges.flushed'), metricType: 'gauge' }, 1)
  let refused = 0
  const limits = createSeriesLimits({ series: 3, prefixes: [] })
  const admission = new PointAdmission({ limits, monotonicMs: () => 0 })
  const typed = create({ catalog: () => catalog, admission, onRefused: (count) => (refused += count) })
  const batch = toBatch(
    typed,
    ['new.1', 'untyped', 1_000, 1],
    ['new.2', 'counter', 1_000, 2],
    ['new.3', 'untyped', 1_000, 3],
    ['new.4', 'untyped', 1_000, 4],
    ['new.5', 'counter', 1_000, 5],
    ['new.2', 'counter', 1_500, 6],
    ['stored', 'untyped', 1_000, 7],
    ['stats.gauges.flushed', 'untyped', 1_000, 8],
    ['flushed', 'gauge', 1_000, 9],
    ['new.1', 'untyped', 2_000, 10],
  )
  const rows = Array.from(batch.values, (value, index) => [
    seriesOfPoint(batch, index)?.key,
    batch.timesMs[index],
    value,
  ])
  expect(rows).toEqual([
    ['new.1', 1_000, 1],
    ['stats.counters.new.2.count', 1_000, 2],
    ['new.3', 1_000, 3],
    ['stats.counters.new.2.count', 1_500, 8],
    ['stored', 1_000, 7],
    ['stats.gauges.flushed', 1_000, 8],
    ['stats.gauges.flushed', 1_000, 9],
    ['new.1', 2_000, 10],
  ])
  expect([refused, batch.timesMs.length, batch.values.length]).toEqual([2, 8, 8])
  expect(limits.offenders()).toMatchObject([{ prefix: 'new', refused: 2, examples: ['new.4', 'new.5'] }])
  await store.close()
})

test('a series is looked at again after a while: it may have become one that Kymo flushes', async () => {
  const store = openMemoryStore()
  const { catalog } = store
  let nowMs = 0
  const typed = create({ catalog: () => catalog, monotonicMs: () => nowMs })
  const byNumber = new SeriesByNumber()
  const send = (newKeys: string[]) =>
    typed.toBatch(
      {
        newKeys,
        newTypes: newKeys.map(() => 'untyped' as const),
        newFrom: 0,
        ids: Uint32Array.of(0),
        timesMs: Float64Array.of(1_000),
        values: Float64Array.of(1),
      },
      byNumber,
    ).series[0]?.metricType
  expect(send(['stats.gauges.a'])).toBe('untyped')
  catalog.touch({ ...untypedIdentity('stats.gauges.a'), metricType: 'gauge' }, 1)
  expect(send([])).toBe('untyped')
  nowMs = 10_000
  expect(send([])).toBe('gauge')
  await store.close()
})

test('numbers are given anew from 0 on, and one that was never introduced is a bug', () => {
  const byNumber = new SeriesByNumber()
  byNumber.learn({ newKeys: ['a', 'b'], newTypes: ['untyped', 'gauge'], newFrom: 0 })
  byNumber.learn({ newKeys: ['c'], newTypes: ['counter'], newFrom: 2 })
  expect([0, 1, 2].map((number) => byNumber.keyOf(number))).toEqual(['a', 'b', 'c'])
  byNumber.learn({ newKeys: [], newTypes: [], newFrom: 0 })
  expect([byNumber.keyOf(2), byNumber.typeOf(2)]).toEqual(['c', 'counter'])
  byNumber.learn({ newKeys: ['d'], newTypes: ['untyped'], newFrom: 0 })
  expect(byNumber.keyOf(0)).toBe('d')
  expect(() => byNumber.keyOf(1)).toThrow('BUG')
})
