import fc from 'fast-check'
import * as fs from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import type { Rollup } from '../../model/series-identity.ts'
import type { Engine } from '../engine.ts'
import { keptAsTheyCome } from '../rules/index.ts'
import { flushOf, identityOf, pointsOf, readChunks, readOne, requestOf } from '../engine.conformance.ts'
import { openReader } from '../index.ts'
import { MemoryEngine } from '../memory/memory-engine.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import {
  appendBatch,
  batchesIn,
  LogFixture,
  noPacker,
  packerHere,
  posted,
  sealerHere,
  SLOT_COUNT,
} from './testdata/log-fixture.ts'

const STEP_MS = 10_000
const DAY_MS = 86_400_000
const ALL = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

describe('a reader elsewhere', () => {
  test('follows the log from segment to segment', async () => {
    const store = await fixture.open({ segmentBytes: 300 })
    const reader = openReader(posted(store.engine.share()))
    const other = openReader(store.engine.share())
    for (const slot of ALL) {
      appendBatch(store, slot)
      expect(await readOne(reader, 'a', 'last', SLOT_COUNT)).toEqual(
        ALL.map((index) => (index <= slot ? index + 1 : null)),
      )
    }
    // One that looks for the first time now sees the same.
    expect(await readOne(other, 'a', 'last', SLOT_COUNT)).toEqual(ALL.map((slot) => slot + 1))
    await reader.close()
    await other.close()
    await store.close()
  })

  test('goes on when segments are dropped under it, also in the middle of a read', async () => {
    const store = await fixture.open({ rules: keptAsTheyCome(2 * DAY_MS), segmentBytes: 1 })
    const keys = Array.from({ length: 50 }, (_, index) => `k.${index}`)
    const reader = openReader(store.engine.share())
    const startMs = BASE_MS - (BASE_MS % DAY_MS)
    const range = { startMs, endMs: startMs + 10 * DAY_MS }
    const request = { ...requestOf(keys, 'last', 1), range, stepMs: DAY_MS }
    for (let day = 0; day < 10; day++) {
      store.engine.appendFlush(
        flushOf(
          keys,
          fixture.clock.nowMs(),
          keys.map((_, index) => index),
        ),
      )
      const reading = readChunks(reader, request)
      await Promise.resolve()
      fixture.clock.advance(DAY_MS)
      store.engine.appendFlush(flushOf(['other'], fixture.clock.nowMs(), [1]))
      const chunks = await reading
      expect(chunks.map(({ values }) => values[day])).toEqual(keys.map((_, index) => index))
    }
    await reader.close()
    await store.close()
  })

  test.skipIf(!fs.existsSync('/proc/self/fd'))('leaves no file open once it has read', async () => {
    const store = await fixture.open({ segmentBytes: 1 })
    for (const slot of ALL) appendBatch(store, slot)
    const written = openLogFiles()
    const reader = openReader(store.engine.share())
    const abort = new AbortController()
    const aborted = readChunks(reader, requestOf(['a'], 'last', SLOT_COUNT), abort.signal)
    const reading = readOne(reader, 'a', 'last', SLOT_COUNT)
    abort.abort()
    await expect(aborted).rejects.toThrow()
    expect(await reading).toEqual(ALL.map((slot) => slot + 1))
    expect(openLogFiles()).toEqual(written)
    await reader.close()
    await store.close()
  })

  test('does not need the log: what happens to it while it is written is not seen, nor packed', async () => {
    const store = await fixture.open({ packer: sealerHere() })
    for (const slot of ALL) appendBatch(store, slot)
    const bytes = fixture.segmentBytes(1)
    fs.writeFileSync(fixture.segmentPath(1), bytes.fill(0xff, 40))
    const reader = openReader(posted(store.engine.share()))
    expect(await readOne(reader, 'a', 'last', SLOT_COUNT)).toEqual(ALL.map((slot) => slot + 1))
    await reader.close()
    await store.close()
    const again = await fixture.open()
    expect(await batchesIn(again)).toEqual(ALL)
    expect(fixture.complaints).toEqual([])
    await again.close()
  })

  test('refuses what is no engine', () => {
    expect(() => openReader(undefined)).toThrow('BUG')
    expect(() => openReader({ kind: 'embedded', logPath: '/', blocksPath: '/' })).toThrow('BUG')
  })
})

test('reads only the part of the log that has the range, once it knows the log', async () => {
  const keys = Array.from({ length: 500 }, (_, index) => `series.${index}`)
  const store = await fixture.open({ segmentBytes: 1_000_000 })
  for (let slot = 0; slot < 1_000; slot++) {
    store.engine.appendFlush(
      flushOf(
        keys,
        BASE_MS + slot * STEP_MS,
        keys.map((_, index) => slot + index),
      ),
    )
  }
  await store.close()
  const again = await fixture.open({ segmentBytes: 1_000_000 })
  // The process' own count of bytes read is Linux's; elsewhere the answer alone is checked.
  const readBytes = (): number => {
    try {
      return Number(/rchar: (\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1])
    } catch {
      return 0
    }
  }
  const before = readBytes()
  const range = { startMs: BASE_MS + 400 * STEP_MS, endMs: BASE_MS + 410 * STEP_MS }
  const [chunk] = await readChunks(again.engine, { ...requestOf(['series.7'], 'last', 1), range })
  expect([...(chunk?.values ?? [])]).toEqual(Array.from({ length: 10 }, (_, index) => 407 + index))
  expect(again.engine.stats().storedBytes).toBeGreaterThan(6_000_000)
  // One block, the indexes, the segment that is still being written, and what else the process reads.
  expect(readBytes() - before).toBeLessThan(2_500_000)
  await again.close()
})

test('more slots than fit in memory at once are read in several passes', async () => {
  const store = await fixture.open()
  const keys = ['a', 'b', 'c', 'd', 'e']
  for (const [slot, key] of keys.entries()) store.engine.append(pointsOf(key, [[BASE_MS + slot, slot + 1]]))
  // 3 million slots each: two series a pass.
  const range = { startMs: BASE_MS, endMs: BASE_MS + 3_000_000 }
  let next = 0
  for await (const { key, values } of store.engine.read({ ...requestOf(keys, 'sum', 1), range, stepMs: 1 })) {
    expect(key).toBe(keys[next])
    expect(values.length).toBe(3_000_000)
    expect(values[next]).toBe(next + 1)
    next++
  }
  expect(next).toBe(keys.length)
  await store.close()
})

/** What this process has open of the log. */
function openLogFiles(): string[] {
  return fs
    .readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return []
      }
    })
    .filter((path) => path.startsWith(fixture.path) && path.endsWith('.log'))
    .sort()
}

describe('whatever is done to it, it answers as the memory engine does', () => {
  const keys = ['a', 'b', 'c', '__proto__']
  const key = fc.constantFrom(...keys)
  const offsetMs = fc.nat({ max: 8 }).map((count) => count * 4_000)
  const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  const operation = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('points' as const),
        points: fc.array(fc.tuple(key, offsetMs, value), { maxLength: 6 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('flush' as const),
        keys: fc.array(key, { maxLength: 5 }),
        offsetMs,
        value,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('delete' as const),
        keys: fc.array(key, { maxLength: 3 }),
        startMs: offsetMs,
        lengthMs: offsetMs,
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'look' as const }) },
  )

  test.each([
    ['segments of 1 byte', 1, noPacker],
    ['segments of 400 bytes', 400, noPacker],
    ['one segment', 1_000_000, noPacker],
    ['segments of 1 byte that become blocks', 1, sealerHere()],
    ['segments of 400 bytes that become blocks', 400, sealerHere()],
    ['segments of 1 byte that become blocks, which become one', 1, packerHere()],
    ['one segment that becomes a block when it is closed', 1_000_000, sealerHere()],
  ])('with %s', async (_, segmentBytes, packer) => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 15 }), async (operations) => {
        fixture.remove()
        fixture = new LogFixture()
        const oracle = new MemoryEngine()
        let store = await fixture.open({ segmentBytes, packer })
        for (const step of operations) {
          if (step.kind === 'reopen') {
            await store.close()
            store = await fixture.open({ segmentBytes, packer })
          } else if (step.kind === 'look') {
            expect(await answerOf(store.engine)).toEqual(await answerOf(oracle))
          } else if (step.kind === 'delete') {
            const startMs = BASE_MS + step.startMs
            const range = { startMs, endMs: startMs + step.lengthMs }
            expect(await store.engine.delete(step.keys, range)).toBe(await oracle.delete(step.keys, range))
          } else {
            for (const engine of [store.engine, oracle]) apply(engine, step)
          }
        }
        expect(await answerOf(store.engine)).toEqual(await answerOf(oracle))
        await store.close()
        expect(fixture.complaints).toEqual([])
      }),
      { numRuns: runs(60) },
    )
  })

  type Write =
    | { kind: 'points'; points: [string, number, number][] }
    | { kind: 'flush'; keys: string[]; offsetMs: number; value: number }

  function apply(engine: Engine, step: Write): void {
    if (step.kind === 'points') {
      engine.append({
        kind: 'number',
        series: step.points.map(([name]) => identityOf(name)),
        timesMs: Float64Array.from(step.points, ([, time]) => BASE_MS + time),
        values: Float64Array.from(step.points, ([, , number]) => number),
      })
    } else {
      const values = step.keys.map((_, index) => step.value + index)
      engine.appendFlush(flushOf(step.keys, BASE_MS + step.offsetMs, values))
    }
  }

  async function answerOf(engine: Engine): Promise<unknown> {
    const rollups: Rollup[] = ['sum', 'min', 'max', 'mean', 'last']
    const series = keys.flatMap((name) => rollups.map((rollup) => ({ key: name, rollup })))
    const range = { startMs: BASE_MS, endMs: BASE_MS + 4 * STEP_MS }
    const chunks = await readChunks(engine, { series, range, stepMs: STEP_MS })
    return { values: chunks.map(({ values }) => [...values]), newestTimeMs: engine.stats().newestTimeMs }
  }
})
