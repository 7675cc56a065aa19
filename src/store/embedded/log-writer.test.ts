import { existsSync, mkdirSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../engine.ts'
import { keptAsTheyCome } from '../rules/index.ts'
import { flushOf, pointsOf, readOne } from '../engine.conformance.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import type { FileSystem } from './file-system.ts'
import {
  appendBatch,
  batchesIn,
  LogFixture,
  sealerHere,
  SLOT_COUNT,
  unsyncedFiles,
} from './testdata/log-fixture.ts'

const DAY_MS = 86_400_000
const ALL = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

const segments = (): string[] => readdirSync(join(fixture.path, 'log'))

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as a test wants it`), { code })
}

describe('a write that fails', () => {
  /** A disk that is full from the nth write on until it is `freed`; of the first refused one it takes half. */
  function fullDisk(fromWrite: number) {
    const disk = {
      isFull: true,
      canTruncate: true,
      writes: 0,
      files: {
        ...unsyncedFiles,
        writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number) {
          disk.writes++
          if (!disk.isFull || disk.writes < fromWrite) return writeSync(fd, bytes, offset, length, position)
          if (disk.writes > fromWrite) throw systemError('ENOSPC')
          return writeSync(fd, bytes, offset, Math.ceil(length / 2), position)
        },
        ftruncateSync(fd: number, length: number) {
          if (!disk.canTruncate) throw systemError('EIO')
          unsyncedFiles.ftruncateSync(fd, length)
        },
      } satisfies FileSystem,
    }
    return disk
  }

  test.each([2, 3, 4, 5, 6, 7])(
    'at write %i leaves nothing behind, and can be tried again',
    async (fromWrite) => {
      const disk = fullDisk(fromWrite)
      const store = await fixture.open({ files: disk.files })
      const stored: number[] = []
      for (const slot of ALL) {
        try {
          appendBatch(store, slot)
          stored.push(slot)
        } catch (error) {
          expect(error).toMatchObject({ code: 'store-write-failed', isRetryable: true })
        }
      }
      expect(stored).toEqual(ALL.slice(0, fromWrite - 2))
      expect(await batchesIn(store)).toEqual(stored)
      disk.isFull = false
      for (const slot of ALL.slice(stored.length)) appendBatch(store, slot)
      expect(await batchesIn(store)).toEqual(ALL)
      await store.close()
      const again = await fixture.open()
      expect(await batchesIn(again)).toEqual(ALL)
      expect(fixture.complaints).toEqual([])
      await again.close()
    },
  )

  test('and cannot be cut back ends the segment; the log goes on in the next', async () => {
    const disk = fullDisk(4)
    const store = await fixture.open({ files: disk.files })
    disk.canTruncate = false
    appendBatch(store, 0)
    appendBatch(store, 1)
    expect(() => appendBatch(store, 2)).toThrow(expect.objectContaining({ code: 'store-write-failed' }))
    expect(await batchesIn(store)).toEqual([0, 1])
    disk.isFull = false
    for (const slot of ALL.slice(2)) appendBatch(store, slot)
    expect(segments()).toEqual(['00000001.log', '00000002.log'])
    expect(await batchesIn(store)).toEqual(ALL)
    await store.close()
    const again = await fixture.open()
    expect(await batchesIn(again)).toEqual(ALL)
    await again.close()
  })

  test.each([
    ['making the next segment', 2],
    ['giving a full one its index', 3],
  ])('in %s does not lose a point', async (_, writeInRoll) => {
    const probe = fullDisk(Number.POSITIVE_INFINITY)
    const store = await fixture.open({ files: probe.files, segmentBytes: 1 })
    appendBatch(store, 0)
    const disk = probe
    const failing = disk.writes + writeInRoll - 1
    disk.files.writeSync = (fd, bytes, offset, length, position) => {
      if (++disk.writes === failing) throw systemError('ENOSPC')
      return writeSync(fd, bytes, offset, length, position)
    }
    const pending: number[] = []
    for (const slot of ALL.slice(1)) {
      try {
        appendBatch(store, slot)
      } catch {
        pending.push(slot)
      }
    }
    for (const slot of pending) appendBatch(store, slot)
    expect(await batchesIn(store)).toEqual(ALL)
    await store.close()
    const again = await fixture.open()
    expect(await batchesIn(again)).toEqual(ALL)
    await again.close()
  })

  test('at the start is a full disk', async () => {
    const disk = fullDisk(1)
    await expect(fixture.open({ files: disk.files })).rejects.toMatchObject({
      code: 'disk-full',
      exitCode: 7,
    })
    expect(segments()).toEqual([])
    // The directory is not left locked.
    await (await fixture.open()).close()
  })
})

test('the directory stays locked as long as there is somebody who could write', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const engine: Engine = (await fixture.open()).engine
  collectGarbage()
  await expect(fixture.open()).rejects.toMatchObject({ code: 'data-in-use' })
  engine.append(pointsOf('a', [[BASE_MS, 1]]))
  await engine.close()
  await (await fixture.open()).close()
})

test('short writes are gone on with', async () => {
  const files: FileSystem = {
    ...unsyncedFiles,
    writeSync: (fd, bytes, offset, length, position) =>
      writeSync(fd, bytes, offset, Math.min(length, 7), position),
  }
  const store = await fixture.open({ files })
  for (const slot of ALL) appendBatch(store, slot)
  expect(await batchesIn(store)).toEqual(ALL)
  await store.close()
})

test('a sync that fails is told, and nothing more is written to that segment', async () => {
  let failures = 1
  const files: FileSystem = {
    ...unsyncedFiles,
    fdatasync: (_, done) => done(failures-- > 0 ? systemError('EIO') : null),
  }
  const store = await fixture.open({ files })
  appendBatch(store, 0)
  await expect(store.engine.sync()).rejects.toMatchObject({ code: 'store-write-failed', isRetryable: true })
  for (const slot of ALL.slice(1)) appendBatch(store, slot)
  await store.engine.sync()
  expect(segments()).toEqual(['00000001.log', '00000002.log'])
  expect(await batchesIn(store)).toEqual(ALL)
  await store.close()
})

test('a log that is removed under it is told, begun again once there is a place for it, and packed from memory', async () => {
  const store = await fixture.open({ packer: sealerHere() })
  appendBatch(store, 0)
  rmSync(join(fixture.path, 'log', '00000001.log'))
  appendBatch(store, 1)
  expect(segments()).toEqual(['00000002.log'])
  expect(await batchesIn(store)).toEqual([0, 1])
  expect(fixture.complaints).toMatchObject([{ path: fixture.segmentPath(1), level: 50 }])

  rmSync(join(fixture.path, 'log'), { recursive: true })
  expect(() => appendBatch(store, 2)).toThrow(expect.objectContaining({ code: 'store-write-failed' }))
  mkdirSync(join(fixture.path, 'log'))
  appendBatch(store, 2)
  expect(await batchesIn(store)).toEqual([0, 1, 2])
  await store.engine.sync()
  await store.close()
  const again = await fixture.open()
  expect(await batchesIn(again)).toEqual([0, 1, 2])
  await again.close()
})

test('sync covers segments that were filled since the last one', async () => {
  const synced = new Set<number>()
  const opened: number[] = []
  const files: FileSystem = {
    ...unsyncedFiles,
    openSync(path, flags) {
      const fd = unsyncedFiles.openSync(path, flags)
      if (path.endsWith('.log')) opened.push(fd)
      return fd
    },
    fdatasync(fd, done) {
      synced.add(fd)
      done(null)
    },
  }
  const store = await fixture.open({ files, segmentBytes: 1 })
  for (const slot of ALL) appendBatch(store, slot)
  await store.engine.sync()
  expect(opened).toHaveLength(SLOT_COUNT)
  expect(opened.filter((fd) => !synced.has(fd))).toEqual([])
  await store.close()
})

describe('retention', () => {
  test('that is made shorter takes what is too old at once, and once', async () => {
    const store = await fixture.open({ rules: keptAsTheyCome(100 * DAY_MS) })
    for (let day = 0; day < 6; day++) {
      store.engine.appendFlush(flushOf(['a'], fixture.clock.nowMs(), [day]))
      fixture.clock.advance(DAY_MS)
    }
    expect(segments()).toHaveLength(7)
    store.setRules(keptAsTheyCome(2 * DAY_MS))
    expect(segments()).toEqual(['00000004.log', '00000005.log', '00000006.log', '00000007.log'])
    store.setRules(keptAsTheyCome(100 * DAY_MS))
    store.engine.appendFlush(flushOf(['a'], fixture.clock.nowMs(), [6]))
    expect(segments()).toHaveLength(4)
    await store.close()
    store.setRules(keptAsTheyCome(DAY_MS))
    expect(segments()).toHaveLength(4)
  })

  test('ten minutes after its first point a segment is full; one whose newest point is too old goes, with its series', async () => {
    const store = await fixture.open({ rules: keptAsTheyCome(2 * DAY_MS) })
    for (let day = 0; day < 6; day++) {
      const batch = flushOf(['a', `day.${day}`], fixture.clock.nowMs(), [day, day])
      store.engine.appendFlush(batch)
      for (const identity of batch.series) store.catalog.touch(identity, fixture.clock.nowMs())
      fixture.clock.advance(DAY_MS)
    }
    expect(segments()).toEqual(['00000004.log', '00000005.log', '00000006.log', '00000007.log'])
    // In slices, behind what is to be flushed.
    await expect
      .poll(() => store.catalog.findSeries('day.*', 10).map(({ identity }) => identity.key))
      .toEqual(['day.3', 'day.4', 'day.5'])
    expect(store.engine.stats()).toMatchObject({ pointCount: 6, newestTimeMs: BASE_MS + 5 * DAY_MS })
    const stored = segments().reduce(
      (sum, name) => sum + fixture.segmentBytes(Number.parseInt(name, 10)).length,
      0,
    )
    expect(store.engine.stats().storedBytes).toBe(stored)
    await store.close()
    const again = await fixture.open({ rules: keptAsTheyCome(DAY_MS) })
    expect(segments()[0]).toBe('00000005.log')
    await again.close()
  })

  test('points past it are not read, although their file is still needed', async () => {
    const store = await fixture.open({ rules: keptAsTheyCome(DAY_MS) })
    store.engine.append(
      pointsOf('a', [
        [BASE_MS, 1],
        [BASE_MS + 10 * DAY_MS, 2],
      ]),
    )
    for (let day = 0; day < 4; day++) {
      fixture.clock.advance(DAY_MS)
      store.engine.append(pointsOf('b', [[fixture.clock.nowMs(), 1]]))
    }
    expect(existsSync(fixture.segmentPath(1))).toBe(true)
    expect(await readOne(store.engine, 'a', 'last', 1)).toEqual([null])
    await store.close()
  })

  test('a delete stays as long as there is an older segment', async () => {
    const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
    const store = await fixture.open({ rules: keptAsTheyCome(DAY_MS), segmentBytes: 1 })
    const futureMs = BASE_MS + 30 * DAY_MS
    store.engine.append(pointsOf('a', [[futureMs, 1]]))
    await store.engine.delete(['a'], everything)
    for (let day = 0; day < 5; day++) {
      fixture.clock.advance(DAY_MS)
      store.engine.appendFlush(flushOf(['b'], fixture.clock.nowMs(), [1]))
    }
    expect(segments().slice(0, 2)).toEqual(['00000001.log', '00000002.log'])
    const request = {
      series: [{ key: 'a', rollup: 'last' as const }],
      range: { startMs: futureMs, endMs: futureMs + 1 },
      stepMs: 1,
    }
    for await (const { values } of store.engine.read(request)) expect(values[0]).toBeNaN()
    await store.close()
  })

  test('a clock that is years ahead at the start takes nothing away', async () => {
    const store = await fixture.open({ segmentBytes: 1 })
    for (const slot of ALL) appendBatch(store, slot)
    await store.close()
    fixture.clock.advance(20 * 365 * DAY_MS)
    const again = await fixture.open()
    expect(await batchesIn(again)).toEqual(ALL)
    await again.close()
  })

  test('a segment that nothing was written to does not become old', async () => {
    const store = await fixture.open()
    fixture.clock.advance(DAY_MS)
    expect(segments()).toEqual(['00000001.log'])
    appendBatch(store, 0)
    fixture.clock.advance(599_999)
    expect(segments()).toEqual(['00000001.log'])
    fixture.clock.advance(1)
    expect(segments()).toEqual(['00000001.log', '00000002.log'])
    fixture.clock.advance(DAY_MS)
    expect(segments()).toEqual(['00000001.log', '00000002.log'])
    await store.close()
  })

  test('a clock that steps back begins no segments', async () => {
    const store = await fixture.open()
    appendBatch(store, 0)
    fixture.clock.stepWallClock(-3 * DAY_MS)
    for (const slot of ALL.slice(1)) appendBatch(store, slot)
    expect(segments()).toEqual(['00000001.log'])
    await store.close()
  })
})
