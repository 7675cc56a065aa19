import { expect, test } from 'vitest'
import { encodeColumns } from '../formats/point-columns/encode-columns.ts'
import type { ColumnSeries } from '../formats/point-columns/point-columns.ts'
import { nextEventLoopTurn } from '../lib/clock.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import type { PointBatch } from '../model/point.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { openMemoryStore } from '../store/index.ts'
import { KymoError } from '../telemetry/errors.ts'
import { PastPoints } from './past-points.ts'

const LATEST_MS = 5_000

function createPast() {
  const opened = openMemoryStore()
  const clock = new FakeClock()
  const stats = { waitingParts: 0 }
  const engine = {
    append: opened.engine.append.bind(opened.engine),
    read: opened.engine.read.bind(opened.engine),
    stats: () => ({ ...opened.engine.stats(), ...stats }),
  }
  const store = { engine, catalog: opened.catalog }
  const seen = {
    admitted: [] as string[],
    refused: 0,
    settled: 0,
    problem: undefined as KymoError | undefined,
  }
  const past = new PastPoints({
    store,
    writer: {
      past(write) {
        if (seen.problem !== undefined) return Promise.reject(seen.problem)
        write()
        return Promise.resolve()
      },
      settlePast() {
        seen.settled++
        return Promise.resolve()
      },
    },
    window: { within: (batch) => keptOf(batch as PointBatch) as typeof batch },
    admits(key, isStored) {
      seen.admitted.push(`${key} ${isStored}`)
      return isStored || !key.startsWith('no.')
    },
    onRefused: (points) => (seen.refused += points),
    clock,
  })
  return { past, store, seen, clock, stats }
}

/** Nothing after `LATEST_MS`. */
function keptOf(batch: PointBatch): PointBatch {
  const rows = [...batch.timesMs.keys()].filter((row) => (batch.timesMs[row] ?? 0) <= LATEST_MS)
  return {
    kind: 'number',
    series: rows.flatMap((row) => batch.series[row] ?? []),
    timesMs: Float64Array.from(rows, (row) => batch.timesMs[row] ?? 0),
    values: Float64Array.from(rows, (row) => batch.values[row] ?? 0),
  }
}

function bodyOf(
  ...series: [Omit<ColumnSeries, 'points'>, readonly number[], readonly number[]][]
): Uint8Array {
  return encodeColumns({
    series: series.map(([one, times]) => ({ ...one, points: times.length })),
    timesMs: Float64Array.from(series.flatMap(([, times]) => times)),
    values: Float64Array.from(series.flatMap(([, , values]) => values)),
  })
}

test('what is let in and inside the window is stored; all is counted', async () => {
  const { past, store, seen } = createPast()
  const body = bodyOf(
    [{ key: 'a', rollup: 'max' }, [1_000, 2_000], [1, 2]],
    [{ key: 'no.b' }, [1_000, 2_000, 3_000], [9, 9, 9]],
    [{ key: 'c.count' }, [4_000, 6_000], [3, 4]],
  )
  expect(await past.take(body, false)).toEqual({ stored: 3, outside: 1, overLimit: 3 })
  expect(seen).toMatchObject({ admitted: ['a false', 'no.b false', 'c.count false'], refused: 3, settled: 0 })
  expect(store.catalog.get('a')).toMatchObject({
    identity: { rollup: 'max' },
    firstSeenMs: 1_000,
    lastSeenMs: 2_000,
  })
  expect(store.catalog.get('c.count')).toMatchObject({ identity: { rollup: 'sum' }, lastSeenMs: 4_000 })
  expect(store.catalog.get('no.b')).toBeUndefined()
  const range = { startMs: 0, endMs: 8_000 }
  const read = store.engine.read({
    series: [
      { key: 'a', rollup: 'max' },
      { key: 'c.count', rollup: 'sum' },
    ],
    range,
    stepMs: 1_000,
  })
  const chunks: number[][] = []
  for await (const { values } of read) chunks.push([...values].filter((value) => !Number.isNaN(value)))
  expect(chunks).toEqual([[1, 2], [3]])
})

test('a series that is there stays what it is', async () => {
  const { past, store, seen } = createPast()
  store.catalog.touch({ ...untypedIdentity('a'), rollup: 'last' }, 1)
  await past.take(bodyOf([{ key: 'a', rollup: 'max' }, [1_000], [1]]), false)
  expect(store.catalog.get('a')?.identity.rollup).toBe('last')
  expect(seen.admitted).toEqual(['a true'])
})

test('nothing, durably, is waiting for what was sent before', async () => {
  const { past, seen } = createPast()
  expect(await past.take(new Uint8Array(), true)).toEqual({ stored: 0, outside: 0, overLimit: 0 })
  expect(seen.settled).toBe(1)
})

test('a body that is not right, and a store that takes nothing, are told', async () => {
  const { past, store, seen } = createPast()
  await expect(past.take(Buffer.from('hello'), true)).rejects.toThrow('does not begin with')
  expect(seen.settled).toBe(0)
  seen.problem = new KymoError('disk-full', { path: '/data' })
  await expect(past.take(bodyOf([{ key: 'a' }, [1_000], [1]]), false)).rejects.toThrow('is full')
  expect(store.catalog.seriesCount).toBe(0)
})

test.each(['', 'a b', 'a..b', '.a', 'a;b=1;a=1', 'a;b', ';a=1', 'a\u0000'])(
  'a series is not called %j',
  async (key) => {
    const { past, store } = createPast()
    await expect(past.take(bodyOf([{ key }, [1_000], [1]]), false)).rejects.toThrow('would name a series')
    expect(store.catalog.seriesCount).toBe(0)
  },
)

test('while much waits to be packed, nothing more is taken; after a while whoever sends is told', async () => {
  const { past, store, clock, stats } = createPast()
  stats.waitingParts = 2
  const taken = past.take(bodyOf([{ key: 'a' }, [1_000], [1]]), false)
  clock.advance(1_000)
  await nextEventLoopTurn()
  expect(store.catalog.seriesCount).toBe(0)
  stats.waitingParts = 1
  clock.advance(50)
  expect(await taken).toMatchObject({ stored: 1 })
  stats.waitingParts = 2
  const refused = expect(past.take(bodyOf([{ key: 'b' }, [1_000], [1]]), false)).rejects.toThrow(
    'still being packed',
  )
  for (let look = 0; look <= 600; look++) {
    clock.advance(50)
    await nextEventLoopTurn()
  }
  await refused
})

test('much in one request is written in pieces, and all of it', async () => {
  const { past, store, seen } = createPast()
  const times = Array.from({ length: 5_000 }, (_, index) => index + 1)
  const many = Array.from({ length: 20 }, (_, number) => {
    const key = number % 3 === 1 ? `no.${number}` : `s${number}`
    return [{ key }, times, times.map((time) => time + number)] as [{ key: string }, number[], number[]]
  })
  expect(await past.take(bodyOf(...many), false)).toEqual({ stored: 65_000, outside: 0, overLimit: 35_000 })
  expect(seen.refused).toBe(35_000)
  for (const number of [0, 6, 18]) {
    const range = { startMs: 0, endMs: 5_001 }
    const read = store.engine.read({ series: [{ key: `s${number}`, rollup: 'last' }], range, stepMs: 1 })
    for await (const { values } of read)
      expect([...values]).toEqual([Number.NaN, ...times.map((time) => time + number)])
  }
})
