import { expect, test } from 'vitest'
import { createNaming } from '../aggregator/index.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { openMemoryStore } from '../store/index.ts'
import { TypedPoints } from './typed-points.ts'

const points = (
  ...rows: [key: string, type: 'untyped' | 'counter' | 'gauge', timeMs: number, value: number][]
) => ({
  keys: rows.map(([key]) => key),
  types: rows.map(([, type]) => type),
  timesMs: Float64Array.from(rows, ([, , timeMs]) => timeMs),
  values: Float64Array.from(rows, ([, , , value]) => value),
})

test('typed points go to the series of their metric; those of a counter in one second add up', () => {
  const typed = new TypedPoints(createNaming(), () => undefined)
  const batch = typed.toBatch(
    points(
      ['hits', 'counter', 1_000, 2],
      ['hits', 'counter', 1_500, 3],
      ['level', 'gauge', 1_000, 4],
      ['a.b', 'untyped', 1_000, 5],
    ),
  )
  expect(batch.series.map(({ key }) => key)).toEqual([
    'stats.counters.hits.count',
    'stats.counters.hits.count',
    'stats.gauges.level',
    'a.b',
  ])
  expect([...batch.values]).toEqual([2, 5, 4, 5])
  expect([...typed.toBatch(points(['hits', 'counter', 1_999, 1])).values]).toEqual([6])
})

test('a series that the catalog knows stays what it is', async () => {
  const store = openMemoryStore()
  const { catalog } = store
  const known = { ...untypedIdentity('stats.gauges.a'), metricType: 'gauge' } as const
  catalog.touch(known, 1)
  const typed = new TypedPoints(createNaming(), () => catalog)
  expect(typed.toBatch(points(['stats.gauges.a', 'untyped', 1, 1])).series[0]).toBe(known)
  await store.close()
})

test('renamed, typed points go to the new series, and a counter keeps what its second has', () => {
  const typed = new TypedPoints(createNaming(), () => undefined)
  typed.toBatch(points(['hits', 'counter', 1_000, 2], ['a.b', 'untyped', 1_000, 1]))
  typed.rename(createNaming({ globalPrefix: 'kymo' }))
  const batch = typed.toBatch(points(['hits', 'counter', 1_500, 3], ['a.b', 'untyped', 1_500, 1]))
  expect(batch.series.map(({ key }) => key)).toEqual(['kymo.counters.hits.count', 'a.b'])
  expect([...batch.values]).toEqual([5, 1])
})
