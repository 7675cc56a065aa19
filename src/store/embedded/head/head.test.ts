import fc from 'fast-check'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../../test/harness/runs.ts'
import type { SeriesIdentity } from '../../../model/series-identity.ts'
import { identityOf } from '../../engine.conformance.ts'
import { AnnouncedHeads } from './announced-heads.ts'
import { HeadSet } from './head-set.ts'
import { HeadWriter } from './head-writer.ts'
import { ReadableHead } from './readable-head.ts'

type Point = readonly [timeMs: number, value: number]

const newHead = (): HeadWriter => new HeadWriter({ number: 1, seed: 7 })

function pointsIn(head: ReadableHead, slot: number): Point[] {
  const { points, timesMs, values } = head.series(slot)
  return Array.from({ length: points }, (_, index) => [timesMs[index] ?? 0, values[index] ?? 0])
}

describe('a stream of points', () => {
  const time = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 50 }).map((slot) => 1_700_000_000_000 + slot * 10_000) },
    fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
    fc.constantFrom(0, 8_640_000_000_000_000, -8_640_000_000_000_000),
  )
  const value = fc.oneof(
    fc.constantFrom(
      0,
      -0,
      1,
      -1,
      0.1 + 0.2,
      Number.MIN_VALUE,
      -Number.MAX_VALUE,
      2 ** 53,
      1e-320,
      Number.NaN,
    ),
    fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.integer(),
    fc.integer({ min: -2_000, max: 2_000 }).map((integer) => integer / 100),
    fc.maxSafeInteger(),
    fc.double(),
  )
  const run = fc.tuple(time, value, fc.integer({ min: 1, max: 300 }), fc.constantFrom(10_000, 1, 0, -60_000))

  test('comes back to the last bit, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.tuple(time, value).map((point): Point[] => [point]),
            run.map(([start, constant, count, step]): Point[] =>
              Array.from({ length: count }, (_, index) => [start + index * step, constant]),
            ),
          ),
          { maxLength: 60 },
        ),
        (parts) => {
          const written = parts.flat()
          const head = newHead()
          head.introduce(0, identityOf('a'))
          for (const [timeMs, number] of written) head.append(0, timeMs, number)
          expect(pointsIn(new ReadableHead(head.pages), 0)).toEqual(written)
        },
      ),
      { numRuns: runs(500) },
    )
  })

  test.each([
    ['a constant', 60, () => 5, 16],
    ['small integers', 60, (index: number) => (index * 7) % 100, 144],
    ['cents', 60, (index: number) => ((index * 7_919) % 10_000) / 100, 240],
    ['digits without end', 60, (index: number) => Math.sin(index), 620],
  ])('of %s is short', (_, count, valueAt, mostBytes) => {
    const head = newHead()
    head.introduce(0, identityOf('a'))
    for (let index = 0; index < count; index++)
      head.append(0, 1_700_000_000_000 + index * 10_000, valueAt(index))
    expect(pointsIn(new ReadableHead(head.pages), 0)).toHaveLength(count)
    expect(streamBytes(head, 0)).toBeLessThanOrEqual(mostBytes)
  })

  /** Whole pieces up to where the last byte is. */
  function streamBytes(head: HeadWriter, slot: number): number {
    const { words } = head.pages.slotPage(slot)
    return (words[slot * 16 + 12] ?? 0) >>> 8
  }
})

describe('the series of a head', () => {
  test('are found by their keys, however odd, and are what they were', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ maxLength: 12 }),
      fc.constantFrom('', '__proto__', 'lone\ud800surrogate'),
    )
    const starts = [
      '',
      'stats.timers.api.',
      'stats.timers.api.requests.of.somebody.',
      'stäts.timers.api.requests.',
    ]
    const text = fc.tuple(fc.constantFrom(...starts), odd).map((parts) => parts.join(''))
    const identity = fc.record({ key: text, own: fc.boolean(), other: text, number: fc.option(fc.double()) })
    fc.assert(
      fc.property(fc.uniqueArray(identity, { selector: ({ key }) => key, maxLength: 20 }), (given) => {
        const head = newHead()
        const all = given.map(({ key, own, other, number }): SeriesIdentity => {
          const metricKey = own ? key : other
          const base = { key, metricKey, metricType: 'timer', rollup: 'max' } as const
          return number === null
            ? { ...base, statistic: 'upper' }
            : { ...base, statistic: 'upper', percentile: number }
        })
        for (const [slot, one] of all.entries()) head.introduce(slot, one)
        const readable = new ReadableHead(head.pages)
        for (const [slot, one] of all.entries()) {
          expect(readable.find(one.key)).toBe(slot)
          expect(readable.identityOf(slot)).toEqual(one)
        }
        expect(readable.find('not there')).toBe(all.findIndex(({ key }) => key === 'not there'))
      }),
      { numRuns: runs(100) },
    )
  })

  test('may have names longer than a page', () => {
    const head = newHead()
    const keys = [70_000, 300_000, 5, 310_000].map((length) => 'k'.repeat(length))
    for (const [slot, key] of keys.entries()) head.introduce(slot, identityOf(key))
    for (const [slot, key] of keys.entries())
      expect(head.identityOf(head.find(key))).toEqual(identityOf(keys[slot] ?? ''))
  })

  test('are many, and each keeps its own points', () => {
    const head = newHead()
    const count = 5_000
    for (let slot = 0; slot < count; slot++) head.introduce(slot, identityOf(`series.${slot}`))
    for (let flush = 0; flush < 20; flush++)
      for (let slot = 0; slot < count; slot++) head.append(slot, flush * 10_000, slot * flush)
    const readable = new ReadableHead(head.pages)
    for (let slot = 0; slot < count; slot++) {
      expect(readable.find(`series.${slot}`)).toBe(slot)
      expect(pointsIn(readable, slot)[19]).toEqual([190_000, slot * 19])
    }
  })

  test('of which names begin alike take the memory of one name', () => {
    const heads = [10, 200].map((length) => {
      const head = newHead()
      for (let slot = 0; slot < 5_000; slot++)
        head.introduce(slot, identityOf(`${'start'.repeat(length / 5)}.${slot}`))
      return head
    })
    expect(heads[1]?.pages.bytes.length).toBeLessThanOrEqual(1 + (heads[0]?.pages.bytes.length ?? 0))
  })

  test('may become something else', () => {
    const head = newHead()
    head.introduce(0, identityOf('a'))
    head.append(0, 1, 1)
    const other: SeriesIdentity = { ...identityOf('a'), rollup: 'min' }
    head.introduce(0, other)
    expect(head.identityOf(0)).toEqual(other)
    expect(pointsIn(new ReadableHead(head.pages), head.find('a'))).toEqual([[1, 1]])
  })

  test('that damage has taken take no points', () => {
    const head = newHead()
    head.introduce(3, identityOf('d'))
    for (const slot of [0, 3, 3_000]) head.append(slot, 1, 1)
    head.delete(2, { startMs: 0, endMs: 9 })
    expect([0, 1, 2, 3, 4].map((slot) => head.identityOf(slot)?.key)).toEqual([
      undefined,
      undefined,
      undefined,
      'd',
      undefined,
    ])
    expect(pointsIn(new ReadableHead(head.pages), 3)).toEqual([[1, 1]])
  })
})

describe('readers elsewhere', () => {
  test('have what there is, what comes, and let go of what is dropped', () => {
    const set = new HeadSet()
    const first = set.begin(4)
    first.introduce(0, identityOf('a'))
    first.append(0, 1, 1)
    const heads = new AnnouncedHeads(set.subscribe())
    const lookUp = (): (string | Point[])[][] =>
      heads
        .current()
        .map((head) => ['a', 'b'].map((key) => (head.find(key) < 0 ? '-' : pointsIn(head, head.find(key)))))
    expect(lookUp()).toEqual([[[[1, 1]], '-']])
    first.append(0, 2, 2)
    const second = set.begin(5)
    second.introduce(0, identityOf('b'))
    for (let point = 0; point < 100_000; point++) second.append(0, point, Math.sin(point))
    expect(lookUp()[0]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      '-',
    ])
    expect(lookUp()[1]?.[1]).toHaveLength(100_000)
    set.drop(4)
    expect(heads.current().map(({ number }) => number)).toEqual([5])
    heads.close()
    set.close()
  })

  test('that follow a writer in another thread see each point whole, and none before its time', async () => {
    const set = new HeadSet()
    const port = set.subscribe()
    const head = set.begin(1)
    const reader = new Worker(new URL('../testdata/follow-head.ts', import.meta.url), {
      workerData: { port, seriesCount: SERIES, lastPoint: POINTS },
      transferList: [port],
    })
    const ended = new Promise<{ looks: number }>((resolve, reject) => {
      reader.once('message', resolve)
      reader.once('error', reject)
    })
    await new Promise((resolve) => reader.once('online', resolve))
    // New series come all the time, so that tables and pages grow under the reader.
    for (let point = 0; point < POINTS; point++) {
      for (let slot = 0; slot < SERIES; slot++) {
        if (point === 0) head.introduce(slot, identityOf(`series.${slot}`))
        head.append(slot, point * 10_000, point % 7 === 0 ? slot : Math.sqrt(point * slot))
      }
    }
    expect((await ended).looks).toBeGreaterThan(0)
    await reader.terminate()
    set.close()
  })

  const SERIES = 3_000
  const POINTS = 100
})
