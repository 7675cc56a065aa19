import { atOnce } from '../lib/slices.ts'
import fc from 'fast-check'
import { MessagePort, Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import { BASE_MS } from './testdata/base-time.ts'
import type { Engine, EngineReader, FlushPoints, ReadRequest, SeriesChunk, SlotRollup } from './engine.ts'

/** One engine to be tested, with what belongs to it. Made anew for every test. */
export interface EngineFixture {
  readonly engine: Engine
  /** Closes the engine and opens another over the same data; only for durable engines. */
  reopen?(): Promise<Engine>
  dispose(): Promise<void>
}

const STEP_MS = 10_000
const FINITE = { noNaN: true, noDefaultInfinity: true } as const
const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '.',
  'a..b',
  'a\u0000b',
  'ключ.鍵.🔑',
  'lone\ud800surrogate',
  'a;b=c;d=e=f',
  ' leading and trailing ',
  'line\nbreak\r\t',
  '\u202eright to left',
  'k'.repeat(4_096),
  '🔑'.repeat(1_024),
]
const EXTREMES = [
  0,
  -0,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.EPSILON,
  2 ** 53 + 2,
  0.1 + 0.2,
  1e-320,
]

/** What every engine has to do. `create` opens an empty one. */
export function engineConformance(name: string, create: () => Promise<EngineFixture>): void {
  describe(`${name} as an engine`, () => {
    let fixture: EngineFixture
    let engine: Engine

    beforeEach(async () => {
      fixture = await create()
      engine = fixture.engine
    })
    afterEach(() => fixture.dispose())

    describe('reading', () => {
      test('a point can be read as soon as it is appended', async () => {
        engine.append(pointsOf('a', [[BASE_MS, 1.5]]))
        expect(await readOne(engine, 'a', 'last', 2)).toEqual([1.5, null])
      })

      test('series that are introduced have no points, and take those of the flush as any do', async () => {
        const known = flushOf(['a', 'b'], BASE_MS, [1, 2])
        engine.appendFlush(known)
        const keys = Array.from({ length: 1_000 }, (_, index) => `new.${index}`)
        const flush = flushOf(['b', ...keys, 'a'], BASE_MS + STEP_MS, [3, ...keys.keys(), 4])
        const slices = engine.introduce(flush.series)
        slices.next()
        engine.append(pointsOf('c', [[BASE_MS, 5]]))
        atOnce(slices)
        expect(await readOne(engine, 'a', 'last', 2)).toEqual([1, null])
        expect(await readOne(engine, 'new.7', 'last', 2)).toEqual([null, null])
        engine.appendFlush(flush)
        expect(await readOne(engine, 'a', 'last', 2)).toEqual([1, 4])
        expect(await readOne(engine, 'b', 'last', 2)).toEqual([2, 3])
        expect(await readOne(engine, 'c', 'last', 2)).toEqual([5, null])
        for (const index of [0, 7, 255, 256, 999])
          expect(await readOne(engine, `new.${index}`, 'last', 2)).toEqual([null, index])
      })

      test('what is introduced and never appended is nothing', async () => {
        atOnce(engine.introduce(flushOf(['a', 'b'], BASE_MS, [1, 2]).series))
        expect(engine.stats()).toMatchObject({ pointCount: 0, newestTimeMs: 0 })
        engine = (await fixture.reopen?.()) ?? engine
        expect(await readOne(engine, 'a', 'last', 1)).toEqual([null])
        engine.appendFlush(flushOf(['b'], BASE_MS, [2]))
        engine = (await fixture.reopen?.()) ?? engine
        expect(await readOne(engine, 'b', 'last', 1)).toEqual([2])
      })

      test('whoever appends points may use the array of their series again for others', async () => {
        const { series, timesMs, values } = pointsOf('a', [[BASE_MS, 1]])
        const again = [...series]
        engine.append({ kind: 'number', series: again, timesMs, values })
        again[0] = pointsOf('b', [[BASE_MS, 2]]).series[0] as SeriesIdentity
        engine.append({ kind: 'number', series: again, timesMs, values: Float64Array.of(2) })
        expect(await readOne(engine, 'a', 'last', 1)).toEqual([1])
        expect(await readOne(engine, 'b', 'last', 1)).toEqual([2])
      })

      test('a series without points is a chunk of nulls', async () => {
        engine.append(pointsOf('a', [[BASE_MS, 1]]))
        expect(await readOne(engine, 'never.heard.of', 'sum', 3)).toEqual([null, null, null])
      })

      test('an empty engine answers with nulls, an empty range with nothing', async () => {
        expect(await readOne(engine, 'a', 'last', 2)).toEqual([null, null])
        expect(await readOne(engine, 'a', 'last', 0)).toEqual([])
      })

      test('points are given as they are, in order of time, the later of two with one time', async () => {
        engine.append(
          pointsOf('a', [
            [BASE_MS + 7, 1.5],
            [BASE_MS + 90_001, 2],
            [BASE_MS - 1, 9],
          ]),
        )
        engine.append(
          pointsOf('a', [
            [BASE_MS, -0],
            [BASE_MS + 7, 3],
            [BASE_MS + 90_002, 9],
          ]),
        )
        const range = { startMs: BASE_MS, endMs: BASE_MS + 90_002 }
        const found: unknown[] = []
        for await (const { key, timesMs, values } of engine.points({ keys: ['b', 'a', 'a'], range }))
          found.push([key, [...timesMs].map((timeMs) => timeMs - BASE_MS), [...values]])
        const a = ['a', [0, 7, 90_001], [-0, 3, 2]]
        expect(found).toEqual([['b', [], []], a, a])
      })

      test('the range has its start and not its end', async () => {
        engine.append(
          pointsOf('a', [
            [BASE_MS - 1, 1],
            [BASE_MS, 2],
            [BASE_MS + STEP_MS - 1, 3],
            [BASE_MS + STEP_MS, 4],
          ]),
        )
        expect(await readOne(engine, 'a', 'sum', 1)).toEqual([5])
      })

      test('series come in the order asked for, one asked for twice comes twice', async () => {
        engine.appendFlush(flushOf(['a', 'b', 'c'], BASE_MS, [1, 2, 3]))
        const request = requestOf(['c', 'a', 'none', 'c'], 'last', 1)
        const chunks = await readChunks(engine, request)
        expect(chunks.map(({ key, values }) => [key, ...values])).toEqual([
          ['c', 3],
          ['a', 1],
          ['none', Number.NaN],
          ['c', 3],
        ])
        expect(chunks.map(({ startMs, stepMs }) => [startMs, stepMs])).toEqual(
          chunks.map(() => [BASE_MS, STEP_MS]),
        )
      })

      test('many series in one read', async () => {
        const keys = Array.from({ length: 2_000 }, (_, index) => `many.${index}`)
        for (let slot = 0; slot < 5; slot++) {
          const values = keys.map((_, index) => index * 10 + slot)
          engine.appendFlush(flushOf(keys, BASE_MS + slot * STEP_MS, values))
        }
        const chunks = await readChunks(engine, requestOf(keys, 'last', 5))
        const wanted = keys.map((_, index) => [0, 1, 2, 3, 4].map((slot) => index * 10 + slot))
        expect(chunks.map(({ values }) => [...values])).toEqual(wanted)
      })

      test('reads that run at the same time do not disturb each other', async () => {
        for (let slot = 0; slot < 50; slot++) {
          engine.appendFlush(flushOf(['a', 'b'], BASE_MS + slot * STEP_MS, [slot, -slot]))
        }
        const answers = await Promise.all([
          readOne(engine, 'a', 'last', 50),
          readOne(engine, 'b', 'last', 50),
          readOne(engine, 'a', 'last', 50),
        ])
        const slots = Array.from({ length: 50 }, (_, slot) => slot)
        expect(answers).toEqual([slots, slots.map((slot) => -slot), slots])
      })

      test('an aborted read ends with the reason', async () => {
        engine.appendFlush(flushOf(['a', 'b'], BASE_MS, [1, 2]))
        const before = AbortSignal.abort(new Error('too late'))
        await expect(readChunks(engine, requestOf(['a'], 'last', 1), before)).rejects.toThrow('too late')

        const controller = new AbortController()
        const seen: string[] = []
        const reading = async (): Promise<void> => {
          for await (const { key } of engine.read(requestOf(['a', 'b'], 'last', 1), controller.signal)) {
            seen.push(key)
            controller.abort(new Error('enough'))
          }
        }
        await expect(reading()).rejects.toThrow('enough')
        expect(seen).toEqual(['a'])
      })
    })

    describe('rolling up', () => {
      const points: [number, number][] = [
        [BASE_MS, 4],
        [BASE_MS + 1, -2],
        [BASE_MS + 7_003, 10],
        [BASE_MS + 9_999, 1],
      ]
      const cases: [SlotRollup, number][] = [
        ['sum', 13],
        ['min', -2],
        ['max', 10],
        ['mean', 13 / 4],
        ['last', 1],
        ['avg_zero', 13],
        ['absmax', 10],
        ['absmin', -2],
      ]

      test.each(cases)('points of one slot become one value by %s', async (rollup, wanted) => {
        engine.append(pointsOf('a', points))
        engine.append(pointsOf('a', [[BASE_MS + 2 * STEP_MS, 7]]))
        expect(await readOne(engine, 'a', rollup, 3)).toEqual([wanted, null, 7])
      })

      test.each(cases)(
        'points that arrive in another order roll up the same by %s',
        async (rollup, wanted) => {
          for (const point of [points[2], points[0], points[3], points[1]]) {
            if (point !== undefined) engine.append(pointsOf('a', [point]))
          }
          expect(await readOne(engine, 'a', rollup, 1)).toEqual([wanted])
        },
      )

      test.each(cases)(
        'a point that is no number leaves the others as they are by %s',
        async (rollup, wanted) => {
          engine.append(pointsOf('a', [...points, [BASE_MS + 1_000, NaN], [BASE_MS + STEP_MS, NaN]]))
          engine.append(pointsOf('a', [[BASE_MS + 9_999.5, NaN]]))
          expect(await readOne(engine, 'a', rollup, 2)).toEqual([wanted, null])
        },
      )

      test('avg_zero counts points that are missing as 0, and slots of too few have no value', async () => {
        engine.append(pointsOf('a', [...points, [BASE_MS + STEP_MS, 6]]))
        const read = async (further: { pointsPerSlot?: number; fewestPoints?: number }) => {
          const { series, ...request } = requestOf(['a'], 'avg_zero', 3)
          const [chunk] = await readChunks(engine, {
            ...request,
            series: series.map((one) => ({ ...one, ...further })),
          })
          return [...(chunk?.values ?? [])].map((value) => (Number.isNaN(value) ? null : value))
        }
        expect(await read({ pointsPerSlot: 10 })).toEqual([1.3, 0.6, null])
        expect(await read({ fewestPoints: 2 })).toEqual([13, null, null])
      })

      test('slots are counted from the start of the range, whatever the step', async () => {
        engine.append(
          pointsOf('a', [
            [BASE_MS + 1_000, 1],
            [BASE_MS + 59_000, 2],
            [BASE_MS + 60_000, 3],
          ]),
        )
        const request = { ...requestOf(['a'], 'sum', 1), stepMs: 60_000 }
        const range = { startMs: BASE_MS, endMs: BASE_MS + 120_000 }
        const [chunk] = await readChunks(engine, { ...request, range })
        expect([...(chunk?.values ?? [])]).toEqual([3, 3])
      })
    })

    describe('writing', () => {
      test('a second point of one series and time replaces the first', async () => {
        engine.append(pointsOf('a', [[BASE_MS, 1]]))
        engine.append(pointsOf('a', [[BASE_MS, 2]]))
        expect(await readOne(engine, 'a', 'sum', 1)).toEqual([2])
      })

      test('within one batch the last of two with one series and time counts', async () => {
        engine.append(
          pointsOf('a', [
            [BASE_MS, 1],
            [BASE_MS + STEP_MS, 9],
            [BASE_MS, 2],
          ]),
        )
        expect(await readOne(engine, 'a', 'sum', 2)).toEqual([2, 9])
      })

      test('a point of its own replaces one of a flush, and the other way round', async () => {
        engine.appendFlush(flushOf(['a', 'b'], BASE_MS, [1, 1]))
        engine.append(pointsOf('a', [[BASE_MS, 2]]))
        engine.append(pointsOf('b', [[BASE_MS + STEP_MS, 5]]))
        engine.appendFlush(flushOf(['a', 'b'], BASE_MS + STEP_MS, [3, 4]))
        expect(await readOne(engine, 'a', 'sum', 2)).toEqual([2, 3])
        expect(await readOne(engine, 'b', 'sum', 2)).toEqual([1, 4])
      })

      test('a flush may name its series in any order', async () => {
        engine.appendFlush(flushOf(['a', 'b', 'c'], BASE_MS, [1, 2, 3]))
        engine.appendFlush(flushOf(['c', 'd', 'a'], BASE_MS + STEP_MS, [30, 40, 10]))
        expect(await readOne(engine, 'a', 'last', 2)).toEqual([1, 10])
        expect(await readOne(engine, 'b', 'last', 2)).toEqual([2, null])
        expect(await readOne(engine, 'c', 'last', 2)).toEqual([3, 30])
        expect(await readOne(engine, 'd', 'last', 2)).toEqual([null, 40])
      })

      test('times may be irregular and come in any order', async () => {
        const times = [31_003, 7, 19_999, 1, 20_000, 45_678]
        for (const time of times) engine.append(pointsOf('a', [[BASE_MS + time, time]]))
        expect(await readOne(engine, 'a', 'sum', 5)).toEqual([8, 19_999, 20_000, 31_003, 45_678])
      })

      test('points of weeks that come in any order, some again and again: the last one written counts', async () => {
        // Far apart and close together; few enough that many come twice.
        const slot = fc.nat({ max: 40 }).map((count) => count ** 3)
        const point = fc.tuple(fc.constantFrom('a', 'b', 'c'), slot, fc.double(FINITE))
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(point, { maxLength: 20 }), { maxLength: 8 }),
            async (batches) => {
              const range = { startMs: BASE_MS, endMs: BASE_MS + 65_000 * STEP_MS }
              await engine.delete(['a', 'b', 'c'], range)
              const wanted = new Map<string, Map<number, number>>()
              for (const batch of batches) {
                engine.append({
                  kind: 'number',
                  series: batch.map(([key]) => identityOf(key)),
                  timesMs: Float64Array.from(batch, ([, at]) => BASE_MS + at * STEP_MS),
                  values: Float64Array.from(batch, ([, , value]) => value),
                })
                for (const [key, at, value] of batch)
                  wanted.set(key, (wanted.get(key) ?? new Map<number, number>()).set(at, value))
              }
              const series = ['a', 'b', 'c'].map((key) => ({ key, rollup: 'last' as const }))
              for (const { key, values } of await readChunks(engine, { series, range, stepMs: STEP_MS })) {
                const found = [...values.entries()].filter(([, value]) => !Number.isNaN(value))
                expect(found).toEqual([...(wanted.get(key) ?? [])].toSorted(([a], [b]) => a - b))
              }
            },
          ),
          { numRuns: runs(15) },
        )
      })

      test('a series may come back as something else', async () => {
        engine.append(pointsOf('a', [[BASE_MS, 1]]))
        const series = [{ ...identityOf('a'), rollup: 'sum', statistic: 'count' } as const]
        const timesMs = Float64Array.of(BASE_MS + STEP_MS)
        engine.append({ kind: 'number', series, timesMs, values: Float64Array.of(2) })
        expect(await readOne(engine, 'a', 'sum', 2)).toEqual([1, 2])
      })

      test('an empty batch changes nothing', async () => {
        engine.append(pointsOf('a', []))
        engine.appendFlush(flushOf([], BASE_MS, []))
        expect(engine.stats().pointCount).toBe(0)
      })

      test('hostile keys are ordinary keys', async () => {
        for (const [index, key] of HOSTILE_KEYS.entries())
          engine.append(pointsOf(key, [[BASE_MS, index + 1]]))
        const chunks = await readChunks(engine, requestOf(HOSTILE_KEYS, 'last', 1))
        expect(chunks.map(({ key, values }) => [key, values[0]])).toEqual(
          HOSTILE_KEYS.map((key, index) => [key, index + 1]),
        )
      })

      test('values come back bit for bit, from each rollup', async () => {
        const pairs = EXTREMES.map((value, slot): [number, number] => [BASE_MS + slot * STEP_MS, value])
        engine.append(pointsOf('a', pairs))
        for (const rollup of ['sum', 'min', 'max', 'mean', 'last'] as const) {
          const values = await readOne(engine, 'a', rollup, EXTREMES.length)
          expect(values.map(bitsOf)).toEqual(EXTREMES.map(bitsOf))
        }
      })
    })

    describe('deleting', () => {
      beforeEach(() => {
        for (let slot = 0; slot < 4; slot++) {
          engine.appendFlush(flushOf(['a', 'b'], BASE_MS + slot * STEP_MS, [slot + 1, slot + 11]))
        }
      })

      test('takes the points in the range, of these series only', async () => {
        const range = { startMs: BASE_MS + STEP_MS, endMs: BASE_MS + 3 * STEP_MS }
        expect(await engine.delete(['a', 'a', 'none'], range)).toBe(1)
        expect(await readOne(engine, 'a', 'last', 4)).toEqual([1, null, null, 4])
        expect(await readOne(engine, 'b', 'last', 4)).toEqual([11, 12, 13, 14])
      })

      test('counts only series that lost something', async () => {
        expect(await engine.delete(['a', 'b'], { startMs: 0, endMs: BASE_MS })).toBe(0)
        const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
        expect(await engine.delete(['a', 'b'], everything)).toBe(2)
        expect(await engine.delete(['a', 'b'], everything)).toBe(0)
      })

      test('what is appended afterwards stays', async () => {
        await engine.delete(['a'], { startMs: 0, endMs: BASE_MS + 3 * STEP_MS })
        engine.append(pointsOf('a', [[BASE_MS + STEP_MS, 22]]))
        expect(await readOne(engine, 'a', 'last', 4)).toEqual([null, 22, null, 4])
        await engine.delete(['a'], { startMs: BASE_MS, endMs: BASE_MS + 2 * STEP_MS })
        expect(await readOne(engine, 'a', 'last', 4)).toEqual([null, null, null, 4])
      })
    })

    test('counts points and remembers the newest flush, which is not the newest point', () => {
      expect(engine.stats()).toMatchObject({ pointCount: 0, newestTimeMs: 0 })
      engine.appendFlush(flushOf(['a', 'b'], BASE_MS, [1, 2]))
      engine.append(pointsOf('a', [[BASE_MS + 86_400_000, 1]]))
      expect(engine.stats()).toMatchObject({ pointCount: 3, newestTimeMs: BASE_MS })
      expect(engine.stats().storedBytes).toBeGreaterThan(0)
    })

    test('may be closed twice; then it refuses politely', async () => {
      await engine.sync()
      await engine.close()
      await engine.close()
      expect(() => engine.append(pointsOf('a', [[BASE_MS, 1]]))).toThrow(
        expect.objectContaining({ code: 'store-write-failed' }),
      )
      await expect(readOne(engine, 'a', 'last', 1)).rejects.toMatchObject({ code: 'not-ready' })
    })

    test('a durable engine has everything after it was opened again', async () => {
      if (fixture.reopen === undefined) {
        expect(engine.capabilities.isDurable).toBe(false)
        return
      }
      for (const [index, key] of HOSTILE_KEYS.entries()) engine.append(pointsOf(key, [[BASE_MS, index + 1]]))
      engine.appendFlush(flushOf(['x', 'y'], BASE_MS, [-0, Number.MIN_VALUE]))
      engine.append(pointsOf('x', [[BASE_MS + 1, 3]]))
      await engine.delete(['y'], { startMs: 0, endMs: BASE_MS + 1 })
      const { newestTimeMs } = engine.stats()
      engine = await fixture.reopen()
      // What it takes may be less by then, and of points that were replaced only one may be left.
      expect(engine.stats()).toMatchObject({ newestTimeMs })
      const chunks = await readChunks(engine, requestOf(HOSTILE_KEYS, 'last', 1))
      expect(chunks.map(({ values }) => values[0])).toEqual(HOSTILE_KEYS.map((_, index) => index + 1))
      expect((await readOne(engine, 'x', 'min', 1)).map(bitsOf)).toEqual([bitsOf(-0)])
      expect(await readOne(engine, 'y', 'last', 1)).toEqual([null])
    })

    test('a reader in another thread sees what was appended, at once', async () => {
      const shared = engine.share()
      if (shared === undefined) {
        expect(engine.share()).toBeUndefined()
        return
      }
      engine.appendFlush(flushOf(['a', 'b'], BASE_MS, [1, 2]))
      const thread = new Worker(new URL('./testdata/read-in-thread.ts', import.meta.url), {
        workerData: shared,
        transferList: portsIn(shared),
      })
      try {
        const ask = async (): Promise<unknown> => {
          thread.postMessage(requestOf(['a', 'b'], 'last', 3))
          return new Promise((resolve, reject) => {
            thread.once('message', resolve)
            thread.once('error', reject)
          })
        }
        expect(await ask()).toEqual([
          [1, null, null],
          [2, null, null],
        ])
        engine.appendFlush(flushOf(['b', 'a'], BASE_MS + STEP_MS, [4, 3]))
        engine.append(pointsOf('a', [[BASE_MS + 2 * STEP_MS, 5]]))
        expect(await ask()).toEqual([
          [1, 3, 5],
          [2, 4, null],
        ])
      } finally {
        await thread.terminate()
      }
    })
  })
}

export function identityOf(key: string): SeriesIdentity {
  return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'last' }
}

export function pointsOf(key: string, points: readonly (readonly [timeMs: number, value: number])[]) {
  return {
    kind: 'number' as const,
    series: points.map(() => identityOf(key)),
    timesMs: Float64Array.from(points, ([timeMs]) => timeMs),
    values: Float64Array.from(points, ([, value]) => value),
  }
}

export function flushOf(keys: readonly string[], timeMs: number, values: readonly number[]): FlushPoints {
  return { timeMs, series: keys.map(identityOf), values: Float64Array.from(values) }
}

/** What has to be transferred with what an engine shares. */
export function portsIn(shared: unknown): MessagePort[] {
  return Object.values(shared ?? {}).filter((part) => part instanceof MessagePort)
}

export function requestOf(keys: readonly string[], rollup: SlotRollup, slotCount: number): ReadRequest {
  return {
    series: keys.map((key) => ({ key, rollup })),
    range: { startMs: BASE_MS, endMs: BASE_MS + slotCount * STEP_MS },
    stepMs: STEP_MS,
  }
}

export async function readChunks(
  reader: EngineReader,
  request: ReadRequest,
  signal?: AbortSignal,
): Promise<SeriesChunk[]> {
  const chunks: SeriesChunk[] = []
  for await (const chunk of reader.read(request, signal)) chunks.push(chunk)
  return chunks
}

/** The values of one series from BASE_MS on, in slots of 10 s; null for none, as people read it. */
export async function readOne(
  reader: EngineReader,
  key: string,
  rollup: SlotRollup,
  slotCount: number,
): Promise<(number | null)[]> {
  const chunks = await readChunks(reader, requestOf([key], rollup, slotCount))
  return Array.from(chunks[0]?.values ?? [], (value) => (Number.isNaN(value) ? null : value))
}

function bitsOf(value: number | null): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value ?? Number.NaN)
  return bytes.toString('hex')
}
