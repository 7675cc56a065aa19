import { expect, test } from 'vitest'
import { decodeColumns } from '../../formats/point-columns/decode-columns.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { PointBatch } from '../../model/point.ts'
import { untypedIdentity } from '../../model/untyped-identity.ts'
import { DEFAULT_QUERY_LIMITS } from '../../query/query-limits.ts'
import { FakeStoreAccess } from '../../query/testdata/fake-store-access.ts'
import { findTimeZone } from '../../query/time-zone.ts'
import { openMemoryStore } from '../../store/index.ts'
import { answerQuery } from './index.ts'

const POINTS: readonly [key: string, timeMs: number, value: number][] = [
  ['a.b', 1_001, 1],
  ['a.b', 2_000, 2],
  ['t;env=prod', 1_500, 3],
]

async function answer(kind: 'export-series' | 'export-points', parameters: Record<string, string[]>) {
  const defaultTimeZone = findTimeZone('UTC')
  if (defaultTimeZone === undefined) throw new Error('no UTC')
  const { engine } = openMemoryStore()
  const batch: PointBatch = {
    kind: 'number',
    series: POINTS.map(([key]) => untypedIdentity(key)),
    timesMs: Float64Array.from(POINTS, ([, timeMs]) => timeMs),
    values: Float64Array.from(POINTS, ([, , value]) => value),
  }
  engine.append(batch)
  const access = new FakeStoreAccess([
    { key: 't;env=prod', points: [[1_500, 3]] },
    {
      key: 'a.b',
      points: [
        [1_001, 1],
        [2_000, 2],
      ],
    },
  ])
  const context = {
    access,
    pointReader: engine,
    allSeries: () => access.allSeries(),
    clock: new FakeClock(),
    stepSeconds: 10,
    defaultTimeZone,
    limits: DEFAULT_QUERY_LIMITS,
  }
  return (await answerQuery({ kind, parameters }, context, new AbortController().signal)).body
}

test('all series are listed by key, or those that match', async () => {
  const all = JSON.parse(new TextDecoder().decode(await answer('export-series', {}))) as unknown
  expect(all).toEqual({
    series: [
      { key: 'a.b', rollup: 'mean', first_ms: 1_001, last_ms: 2_000 },
      { key: 't;env=prod', rollup: 'mean', first_ms: 1_500, last_ms: 1_500 },
    ],
  })
  const some = await answer('export-series', { pattern: ['a.*'] })
  expect(JSON.parse(new TextDecoder().decode(some))).toMatchObject({ series: [{ key: 'a.b' }] })
})

test('points come as they are, in the order asked for', async () => {
  expect(decodeColumns(await answer('export-points', { key: ['t;env=prod', 'a.b', 'x'] }))).toEqual({
    series: [
      { key: 't;env=prod', points: 1 },
      { key: 'a.b', points: 2 },
      { key: 'x', points: 0 },
    ],
    timesMs: Float64Array.of(1_500, 1_001, 2_000),
    values: Float64Array.of(3, 1, 2),
  })
  const part = await answer('export-points', { key: ['a.b'], from_ms: ['1001'], until_ms: ['2000'] })
  expect(decodeColumns(part)).toMatchObject({ timesMs: Float64Array.of(1_001) })
})

test.each([
  [{ key: ['a'], from_ms: ['-1'] }, 'from_ms'],
  [{ key: ['a'], until_ms: ['now'] }, 'until_ms'],
  [{ key: Array.from({ length: 1_001 }, () => 'a') }, 'more than 1000 series'],
])('%j is refused', async (parameters: Record<string, string[]>, problem) => {
  await expect(answer('export-points', parameters)).rejects.toThrow(problem)
})
