import fc from 'fast-check'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runs } from '../../../../test/harness/runs.ts'
import { keptAsTheyCome } from '../../rules/index.ts'
import { flushOf, identityOf, pointsOf, readChunks, readOne, requestOf } from '../../engine.conformance.ts'
import { openReader } from '../../index.ts'
import type { OpenStore } from '../../open-store.ts'
import { BASE_MS } from '../../testdata/base-time.ts'
import type { FileSystem } from '../file-system.ts'
import {
  appendBatch,
  batchesIn,
  LogFixture,
  noPacker,
  packerHere,
  posted,
  sealerHere,
  SLOT_COUNT,
  unsyncedFiles,
} from '../testdata/log-fixture.ts'
import { ThreadPacker, type Packer } from './packer.ts'

const ALL = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)
const STEP_MS = 10_000
const DAY_MS = 86_400_000

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

function blockName(first: number, last = first): string {
  return `${String(first).padStart(8, '0')}-${String(last).padStart(8, '0')}.block`
}

function blockPath(number: number): string {
  return join(fixture.path, 'blocks', blockName(number))
}

/** What is under way in the store gets done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

async function write(segmentBytes: number, packer: Packer = sealerHere()): Promise<void> {
  const store = await fixture.open({ segmentBytes, packer })
  for (const slot of ALL) appendBatch(store, slot)
  await store.close()
}

async function reopened<Result>(look: (store: OpenStore) => Promise<Result>): Promise<Result> {
  const store = await fixture.open()
  try {
    return await look(store)
  } finally {
    await store.close()
  }
}

/** Files that do what they are told, up to the call at which they do not. */
function failingFiles(failsAt: number, how: { isForGood: boolean; code: string }) {
  const state = { calls: 0 }
  const guard = <Result>(action: () => Result): Result => {
    state.calls++
    const fails = how.isForGood ? state.calls >= failsAt : state.calls === failsAt
    if (fails) throw Object.assign(new Error(`${how.code}: as a test wants it`), { code: how.code })
    return action()
  }
  const files: FileSystem = {
    ...unsyncedFiles,
    openSync: (path, flags) => guard(() => unsyncedFiles.openSync(path, flags)),
    fsyncSync: () => guard(() => {}),
    renameSync: (from, to) => guard(() => unsyncedFiles.renameSync(from, to)),
    unlinkSync: (path) => guard(() => unsyncedFiles.unlinkSync(path)),
    // Half of it is written before it says no.
    writeSync: (fd, bytes, offset, length, position) => {
      try {
        return guard(() => writeSync(fd, bytes, offset, length, position))
      } catch (error) {
        writeSync(fd, bytes, offset, length >> 1, position)
        throw error
      }
    },
  }
  return { files, state }
}

test('a clean stop leaves blocks and no log, and the next start has all of it', async () => {
  await write(1_000_000, new ThreadPacker())
  expect(fixture.storedFiles).toEqual([blockName(1)])
  const store = await fixture.open()
  expect(await batchesIn(store)).toEqual(ALL)
  expect(store.catalog.seriesCount).toBe(1 + SLOT_COUNT)
  expect(store.catalog.get('a')).toEqual({
    identity: identityOf('a'),
    firstSeenMs: BASE_MS,
    lastSeenMs: BASE_MS + 5 * STEP_MS,
  })
  expect(store.engine.stats()).toEqual({
    pointCount: 2 * SLOT_COUNT,
    newestTimeMs: BASE_MS + 4 * STEP_MS,
    waitingParts: 0,
    storedBytes: readFileSync(blockPath(1)).length + fixture.segmentBytes(2).length,
  })
  await store.close()
  // What was opened and not written to leaves nothing.
  expect(fixture.storedFiles).toEqual([blockName(1)])
  expect(fixture.complaints).toEqual([])
})

test('full segments become blocks while the log goes on, and readers elsewhere miss nothing', async () => {
  const store = await fixture.open({ segmentBytes: 1, packer: sealerHere() })
  const reader = openReader(posted(store.engine.share()))
  for (const slot of ALL) {
    appendBatch(store, slot)
    const seen = ALL.map((index) => (index <= slot ? index + 1 : null))
    expect(await readOne(reader, 'a', 'last', SLOT_COUNT)).toEqual(seen)
    await settle()
    expect(await readOne(reader, 'a', 'last', SLOT_COUNT)).toEqual(seen)
  }
  expect(fixture.storedFiles).toEqual(['00000006.log', ...[1, 2, 3, 4, 5].map((number) => blockName(number))])
  await reader.close()
  await store.close()
})

test('a read that is under way when its segments become blocks begins again', async () => {
  const jobs: (() => void)[] = []
  const sealer = sealerHere()
  const store = await fixture.open({
    segmentBytes: 1,
    packer: {
      ...noPacker,
      async seal(segment) {
        await new Promise<void>((resolve) => jobs.push(resolve))
        return sealer.seal(segment)
      },
    },
  })
  await settle()
  for (const slot of ALL) appendBatch(store, slot)
  const reader = openReader(store.engine.share())
  const reading = readOne(reader, 'a', 'last', SLOT_COUNT)
  for (let count = 0; count < SLOT_COUNT - 1; count++) {
    jobs.shift()?.()
    await setImmediate()
  }
  expect(await reading).toEqual(ALL.map((slot) => slot + 1))
  expect(fixture.storedFiles).toHaveLength(SLOT_COUNT)
  await reader.close()
  const closing = store.close()
  while (jobs.length === 0) await setImmediate()
  jobs.shift()?.()
  await closing
})

test('whatever was read before, a read answers what a reader answers that was never asked', async () => {
  // One block, in which `a` has a chunk of many points.
  await write(1_000_000)
  const store = await fixture.open()
  const { engine } = store
  const reader = openReader(posted(engine.share()))
  const reads = fc.array(
    fc.record({
      keys: fc.subarray(['a', 'b.1', 'new.2', 'nobody'], { minLength: 1 }),
      first: fc.nat(SLOT_COUNT),
      count: fc.integer({ min: 1, max: SLOT_COUNT }),
    }),
    { minLength: 3, maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(reads, async (list) => {
      for (const { keys, first, count } of list) {
        const startMs = BASE_MS + first * STEP_MS
        const request = {
          ...requestOf(keys, 'last', 1),
          range: { startMs, endMs: startMs + count * STEP_MS },
        }
        const fresh = openReader(posted(engine.share()))
        expect(await readChunks(reader, request)).toEqual(await readChunks(fresh, request))
        await fresh.close()
      }
    }),
    { numRuns: runs(30) },
  )
  await reader.close()
  await store.close()
})

test('what was written later counts, whichever block it is in', async () => {
  const store = await fixture.open({ segmentBytes: 1, packer: sealerHere() })
  store.engine.append(pointsOf('a', [[BASE_MS + STEP_MS, 1]]))
  store.engine.append(pointsOf('a', [[BASE_MS, 2]]))
  store.engine.append(pointsOf('a', [[BASE_MS + STEP_MS, 3]]))
  await settle()
  store.engine.append(pointsOf('a', [[BASE_MS, -0]]))
  expect(await readOne(store.engine, 'a', 'last', 2)).toEqual([-0, 3])
  await store.close()
  expect(await reopened((again) => readOne(again.engine, 'a', 'last', 2))).toEqual([-0, 3])
})

test('deletes reach into earlier blocks, and not into what came after', async () => {
  const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
  const store = await fixture.open({ segmentBytes: 1, packer: sealerHere() })
  store.engine.append(pointsOf('gone', [[BASE_MS, 1]]))
  store.engine.append(pointsOf('back', [[BASE_MS, 1]]))
  await settle()
  expect(await store.engine.delete(['gone', 'back'], everything)).toBe(2)
  store.engine.append(pointsOf('back', [[BASE_MS + STEP_MS, 3]]))
  await store.close()
  await reopened(async ({ engine, catalog }) => {
    expect(await readOne(engine, 'gone', 'last', 2)).toEqual([null, null])
    expect(await readOne(engine, 'back', 'last', 2)).toEqual([null, 3])
    expect(catalog.findSeries('*', 10).map(({ identity }) => identity.key)).toEqual(['back'])
  })
})

test('series of every kind, and names that no UTF-8 says, come back as they were', async () => {
  const series = [
    { ...identityOf('a\ud800'), metricKey: 'm\udc00' },
    { ...identityOf('p'), metricType: 'timer', statistic: 'upper', rollup: 'max', percentile: 99.9 },
    { ...identityOf('u'), metricType: 'timer', statistic: 'bin', rollup: 'sum', upperEdge: Infinity },
    identityOf('__proto__'),
  ] as const
  const store = await fixture.open({ packer: sealerHere() })
  store.engine.append({
    kind: 'number',
    series,
    timesMs: new Float64Array(4).fill(BASE_MS),
    values: Float64Array.of(1, 2, 3, 4),
  })
  await store.close()
  await reopened(async ({ catalog, engine }) => {
    for (const [index, identity] of series.entries()) {
      expect(catalog.get(identity.key)?.identity).toEqual(identity)
      expect(await readOne(engine, identity.key, 'last', 1)).toEqual([index + 1])
    }
  })
})

test('more series and points than one page and one group have', async () => {
  const keys = Array.from({ length: 700 }, (_, index) => `host.${index % 7}.disk.${index}`)
  const store = await fixture.open({ packer: sealerHere() })
  for (let slot = 0; slot < 40; slot++) {
    store.engine.appendFlush(
      flushOf(
        keys,
        BASE_MS + slot * STEP_MS,
        keys.map((_, index) => slot * index),
      ),
    )
  }
  const long = Array.from({ length: 20_000 }, (_, index): [number, number] => [
    BASE_MS + index * 20,
    Math.sin(index),
  ])
  store.engine.append(pointsOf('long', long))
  await store.close()
  await reopened(async ({ engine }) => {
    for (const index of [0, 1, 255, 256, 699]) {
      expect(await readOne(engine, keys[index] ?? '', 'last', 40)).toEqual(
        Array.from({ length: 40 }, (_, slot) => slot * index),
      )
    }
    const request = { series: [{ key: 'long', rollup: 'last' as const }], stepMs: 20 }
    const range = { startMs: BASE_MS + 8_000 * 20, endMs: BASE_MS + 17_000 * 20 }
    for await (const { values } of engine.read({ ...request, range }))
      expect([...values]).toEqual(long.slice(8_000, 17_000).map(([, value]) => value))
  })
})

test('a block past the retention goes', async () => {
  const store = await fixture.open({ rules: keptAsTheyCome(2 * DAY_MS), packer: sealerHere() })
  for (let day = 0; day < 6; day++) {
    store.engine.appendFlush(flushOf(['a'], fixture.clock.nowMs(), [day]))
    fixture.clock.advance(DAY_MS)
    await settle()
  }
  // Each is packed ten minutes after its point, although nothing more was written.
  expect(fixture.storedFiles).toEqual(['00000007.log', blockName(4), blockName(5), blockName(6)])
  await store.close()
})

test('data of the first Kymo, a log alone, is packed by and by', async () => {
  await write(1, noPacker)
  rmSync(join(fixture.path, 'blocks'), { recursive: true })
  writeFileSync(join(fixture.path, 'FORMAT'), 'kymo-data 1\n')
  const store = await fixture.open({ packer: sealerHere() })
  expect(await batchesIn(store)).toEqual(ALL)
  await settle()
  expect(await batchesIn(store)).toEqual(ALL)
  const blocks = [1, 2, 3, 4, 5, 6].map((number) => blockName(number))
  expect(fixture.storedFiles).toEqual(['00000007.log', ...blocks])
  await store.close()
  expect(fixture.complaints).toEqual([])
})

test('a segment with damage in it is put aside whole, and what can be read of it becomes a block', async () => {
  await write(1_000_000, noPacker)
  const bytes = fixture.segmentBytes(1)
  // The last value of the third batch.
  const value = Buffer.alloc(8)
  value.writeDoubleLE(3)
  bytes.fill(7, bytes.indexOf(value), bytes.indexOf(value) + 2)
  writeFileSync(fixture.segmentPath(1), bytes)
  const store = await fixture.open({ packer: sealerHere() })
  await settle()
  expect(fixture.storedFiles).toEqual(['00000001.log.damaged', '00000002.log', blockName(1)])
  expect(readFileSync(`${fixture.segmentPath(1)}.damaged`).equals(bytes)).toBe(true)
  const present = ALL.filter((slot) => slot !== 2)
  expect(await batchesIn(store)).toEqual(present)
  await store.close()
  expect(fixture.complaints).toMatchObject([
    { path: fixture.segmentPath(1), lostRecords: 1 },
    { path: fixture.segmentPath(1), keptAt: `${fixture.segmentPath(1)}.damaged` },
  ])
  expect(await reopened(batchesIn)).toEqual(present)
})

describe('what a crash leaves', () => {
  test.each([
    { isForGood: false, code: 'ENOSPC' },
    { isForGood: false, code: 'EIO' },
    { isForGood: true, code: 'EROFS' },
  ])('at any call, $code (for good: $isForGood): all points, no help needed', async (how) => {
    for (let failsAt = 1; ; failsAt++) {
      fixture.remove()
      fixture = new LogFixture()
      const { files, state } = failingFiles(failsAt, how)
      await write(1_000_000, sealerHere(files))
      expect(await reopened(batchesIn), `call ${failsAt}`).toEqual(ALL)
      const again = await fixture.open({ packer: sealerHere() })
      expect(await batchesIn(again), `call ${failsAt}`).toEqual(ALL)
      await again.close()
      expect(await reopened(batchesIn), `call ${failsAt}`).toEqual(ALL)
      expect(fixture.storedFiles.filter((name) => name.endsWith('.new'))).toEqual([])
      if (state.calls < failsAt) break
      expect(failsAt).toBeLessThan(50)
    }
  })

  test('a power cut at any moment: nothing is relied on that is not safe yet', async () => {
    const done: string[] = []
    const names = new Map<number, string>()
    const nameOf = (path: string): string => path.slice(fixture.path.length + 1)
    const files: FileSystem = {
      ...unsyncedFiles,
      openSync(path, flags) {
        const fd = unsyncedFiles.openSync(path, flags)
        names.set(fd, nameOf(path))
        return fd
      },
      writeSync(fd, ...rest) {
        done.push(`write ${names.get(fd)}`)
        return writeSync(fd, ...rest)
      },
      fsyncSync: (fd) => void done.push(`sync ${names.get(fd)}`),
      renameSync(from, to) {
        done.push(`rename ${nameOf(to)}`)
        unsyncedFiles.renameSync(from, to)
      },
      unlinkSync(path) {
        done.push(`remove ${nameOf(path)}`)
        unsyncedFiles.unlinkSync(path)
      },
    }
    const store = await fixture.open({ segmentBytes: 1, packer: packerHere(files), files })
    for (const slot of ALL.slice(0, 5)) {
      appendBatch(store, slot)
      await settle()
    }
    await store.close()
    const steps = (first: number, last: number): string[] =>
      ['write', 'sync', 'rename', 'sync blocks'].map((step) => {
        const name = `blocks/${blockName(first, last)}`
        return step === 'sync blocks' ? step : `${step} ${name}${step === 'rename' ? '' : '.new'}`
      })
    const blockSteps = done.filter((step) => /block|remove/.test(step))
    expect(blockSteps).toEqual([
      ...[1, 2, 3, 4].flatMap((number) => [...steps(number, number), `remove log/0000000${number}.log`]),
      ...steps(1, 4),
      ...[1, 2, 3, 4].map((number) => `remove blocks/${blockName(number)}`),
      ...steps(5, 5),
      'remove log/00000005.log',
    ])
  })

  test('both a segment and its block: the answer is the same, and the segment goes', async () => {
    await write(1, noPacker)
    const kept = new Map(ALL.map((slot) => [slot + 1, fixture.segmentBytes(slot + 1)]))
    await (await fixture.open({ packer: sealerHere() })).close()
    for (const [number, bytes] of kept) writeFileSync(fixture.segmentPath(number), bytes)
    expect(await reopened(batchesIn)).toEqual(ALL)
    expect(fixture.storedFiles).toEqual(ALL.map((slot) => blockName(slot + 1)))
  })

  test('a block that is half written is removed', async () => {
    await write(1_000_000, noPacker)
    mkdirSync(join(fixture.path, 'blocks'), { recursive: true })
    writeFileSync(`${blockPath(1)}.new`, 'half')
    expect(await reopened(batchesIn)).toEqual(ALL)
    expect(fixture.storedFiles).toEqual(['00000001.log'])
  })
})

describe('merging', () => {
  test('small blocks become one; readers miss nothing, and neither does the next start', async () => {
    const store = await fixture.open({ segmentBytes: 1, packer: packerHere() })
    const reader = openReader(store.engine.share())
    for (const slot of ALL) {
      appendBatch(store, slot)
      await settle()
      const seen = ALL.map((index) => (index <= slot ? index + 1 : null))
      expect(await readOne(reader, 'a', 'last', SLOT_COUNT)).toEqual(seen)
    }
    expect(fixture.storedFiles).toEqual(['00000006.log', blockName(1, 4), blockName(5)])
    expect(await batchesIn(store)).toEqual(ALL)
    expect(store.engine.stats().pointCount).toBe(2 * SLOT_COUNT)
    await reader.close()
    await store.close()
    const again = await fixture.open()
    expect(await batchesIn(again)).toEqual(ALL)
    expect(again.catalog.seriesCount).toBe(1 + SLOT_COUNT)
    expect(again.engine.stats()).toMatchObject({
      pointCount: 2 * SLOT_COUNT,
      newestTimeMs: BASE_MS + 4 * STEP_MS,
      waitingParts: 0,
    })
    await again.close()
    expect(fixture.complaints).toEqual([])
  })

  test('takes what was written later, and what was deleted is gone for good', async () => {
    const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
    const store = await fixture.open({ segmentBytes: 1, packer: packerHere() })
    store.engine.append(pointsOf('a', [[BASE_MS, 1]]))
    store.engine.append(pointsOf('gone', [[BASE_MS, 1]]))
    await settle()
    await store.engine.delete(['gone'], everything)
    store.engine.append(pointsOf('a', [[BASE_MS, 2]]))
    store.engine.append(pointsOf('a', [[BASE_MS + STEP_MS, 3]]))
    await settle()
    expect(fixture.storedFiles).toEqual(['00000005.log', blockName(1, 4)])
    expect(await readOne(store.engine, 'a', 'last', 2)).toEqual([2, 3])
    expect(await readOne(store.engine, 'gone', 'last', 2)).toEqual([null, null])
    await store.close()
    await reopened(async ({ engine, catalog }) => {
      expect(await readOne(engine, 'a', 'last', 2)).toEqual([2, 3])
      expect(engine.stats().pointCount).toBe(2)
      expect(catalog.findSeries('*', 10).map(({ identity }) => identity.key)).toEqual(['a'])
    })
  })

  test('blocks and what was made of them: the answer is the same, and the old ones go', async () => {
    await write(1)
    const old = [1, 2, 3, 4].map((number) => readFileSync(blockPath(number)))
    const store = await fixture.open({ packer: packerHere() })
    await settle()
    await store.close()
    expect(fixture.storedFiles).toEqual([blockName(1), blockName(2), blockName(3, 6)])
    for (const [index, bytes] of old.entries()) writeFileSync(blockPath(index + 1), bytes)
    expect(await reopened(batchesIn)).toEqual(ALL)
    expect(fixture.storedFiles).toEqual([blockName(1), blockName(2), blockName(3, 6)])
  })

  test('blocks with damage in them stay', async () => {
    await write(1)
    const bytes = readFileSync(blockPath(4))
    bytes.fill(7, 30, 40)
    writeFileSync(blockPath(4), bytes)
    const store = await fixture.open({ packer: packerHere() })
    await settle()
    expect(await batchesIn(store)).toEqual(ALL.filter((slot) => slot !== 3))
    await store.close()
    expect(fixture.storedFiles).toEqual(ALL.map((slot) => blockName(slot + 1)))
  })

  test.each([
    { isForGood: false, code: 'ENOSPC' },
    { isForGood: true, code: 'EIO' },
  ])('fails at any call, $code (for good: $isForGood): all points, no help needed', async (how) => {
    await write(1)
    const blocks = new Map(ALL.map((slot) => [blockPath(slot + 1), readFileSync(blockPath(slot + 1))]))
    for (let failsAt = 1; ; failsAt++) {
      rmSync(join(fixture.path, 'blocks'), { recursive: true })
      mkdirSync(join(fixture.path, 'blocks'))
      for (const [path, bytes] of blocks) writeFileSync(path, bytes)
      const { files, state } = failingFiles(failsAt, how)
      const store = await fixture.open({ packer: packerHere(files) })
      await settle()
      expect(await batchesIn(store), `call ${failsAt}`).toEqual(ALL)
      await store.close()
      expect(await reopened(batchesIn), `call ${failsAt}`).toEqual(ALL)
      if (state.calls < failsAt) break
      expect(failsAt).toBeLessThan(50)
    }
    expect(fixture.storedFiles).toEqual([blockName(1), blockName(2), blockName(3, 6)])
  })
})

describe('a block with damage', () => {
  let bytes: Buffer
  beforeEach(async () => {
    await write(1_000_000)
    bytes = readFileSync(blockPath(1))
    fixture.lines.length = 0
  })

  test('cut off anywhere is put aside and named; the store goes on', async () => {
    for (let length = 0; length < bytes.length; length += 3) {
      writeFileSync(blockPath(1), bytes.subarray(0, length))
      const store = await fixture.open()
      expect(await batchesIn(store)).toEqual([])
      await store.close()
      expect(fixture.storedFiles).toContain(`${blockName(1)}.damaged`)
      expect(fixture.complaints.at(-1)).toMatchObject({ path: blockPath(1), level: 50 })
      expect(readFileSync(`${blockPath(1)}.damaged`).length).toBe(length)
      rmSync(`${blockPath(1)}.damaged`)
    }
  })

  test('a bit that flips anywhere is found, and never makes a wrong value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const damaged = Buffer.from(bytes)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        writeFileSync(blockPath(1), damaged)
        fixture.lines.length = 0
        // Throws for a value that was never written.
        const present = await reopened(batchesIn)
        expect(present.length).toBeLessThan(SLOT_COUNT)
        expect(fixture.complaints.length).toBeGreaterThan(0)
      }),
      { numRuns: runs(200) },
    )
  })

  test('is made anew from its segment, if that is still there', async () => {
    fixture.remove()
    fixture = new LogFixture()
    await write(1_000_000, noPacker)
    const segment = fixture.segmentBytes(1)
    await (await fixture.open({ packer: sealerHere() })).close()
    writeFileSync(fixture.segmentPath(1), segment)
    writeFileSync(blockPath(1), 'nonsense')
    const store = await fixture.open({ packer: sealerHere() })
    expect(await batchesIn(store)).toEqual(ALL)
    await store.close()
    expect(await reopened(batchesIn)).toEqual(ALL)
  })

  test('under the name of another is not read', async () => {
    copyFileSync(blockPath(1), blockPath(7))
    expect(await reopened(batchesIn)).toEqual(ALL)
    expect(fixture.complaints.at(-1)).toMatchObject({ path: blockPath(7) })
  })

  test('of a newer version is refused, and named', async () => {
    const { crc32 } = await import('node:zlib')
    bytes.writeUInt32LE(9, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20)
    writeFileSync(blockPath(1), bytes)
    await expect(fixture.open()).rejects.toMatchObject({
      code: 'data-version',
      details: { found: 9 },
      exitCode: 2,
    })
  })
})
