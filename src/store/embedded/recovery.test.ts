import fc from 'fast-check'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stride } from '../../../test/harness/runs.ts'
import { identityOf, pointsOf, readOne } from '../engine.conformance.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import { appendBatch, batchesIn, LogFixture, SLOT_COUNT } from './testdata/log-fixture.ts'

const ALL = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)
const HEADER_BYTES = 40

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

/** Writes the batches, and answers where each ends in the file. */
async function writeLog(segmentBytes?: number): Promise<number[]> {
  const store = await fixture.open(segmentBytes === undefined ? {} : { segmentBytes })
  const ends: number[] = []
  for (const slot of ALL) {
    appendBatch(store, slot)
    ends.push(fixture.segmentBytes(1).length)
  }
  await store.close()
  return ends
}

async function reopen(): Promise<number[]> {
  const store = await fixture.open()
  try {
    return await batchesIn(store)
  } finally {
    await store.close()
  }
}

/** Opens what the damage left, looks, writes one batch more, and looks again after another start. */
async function openAndGoOn(): Promise<number[]> {
  const store = await fixture.open()
  const present = await batchesIn(store)
  const more = pointsOf('a', [[BASE_MS + SLOT_COUNT * 10_000, 77]])
  store.engine.append(more)
  await store.close()
  const again = await fixture.open()
  expect(await batchesIn(again)).toEqual(present)
  expect(await readOne(again.engine, 'a', 'sum', SLOT_COUNT + 1)).toHaveProperty(`${SLOT_COUNT}`, 77)
  await again.close()
  return present
}

test('a log that was closed opens without a word', async () => {
  await writeLog()
  expect(await openAndGoOn()).toEqual(ALL)
  expect(fixture.complaints).toEqual([])
  // The log goes on in a new segment; one that nothing was written to leaves nothing.
  expect(readdirSync(join(fixture.path, 'log'))).toEqual(['00000001.log', '00000002.log'])
})

test('cut off at any byte, it has what is whole and goes on', async () => {
  const ends = await writeLog()
  const bytes = fixture.segmentBytes(1)
  const edges = new Set(ends.flatMap((end) => [end - 1, end, end + 1]))
  for (let length = 0; length < bytes.length; length++) {
    if (length % stride() !== 0 && !edges.has(length)) continue
    fixture.plant(bytes.subarray(0, length))
    const whole = ends.filter((end) => end <= length).map((_, slot) => slot)
    expect(await reopen(), `cut at byte ${length}`).toEqual(whole)
  }
})

test.each([[45], [200], [333]])(
  'cut off at byte %i, it takes new points and says what it cut',
  async (length) => {
    await writeLog()
    const bytes = fixture.segmentBytes(1)
    writeFileSync(fixture.segmentPath(1), bytes.subarray(0, length))
    await openAndGoOn()
    const [complaint] = fixture.complaints
    expect(fixture.complaints).toHaveLength(1)
    const offset = Number(complaint?.offset)
    expect(complaint).toMatchObject({ bytes: length - offset, path: fixture.segmentPath(1) })
    expect(readFileSync(`${fixture.segmentPath(1)}.damaged`)).toEqual(bytes.subarray(offset, length))
  },
)

test('a bit that flips anywhere costs the record it is in, and never makes a wrong value', async () => {
  const ends = await writeLog()
  const bytes = fixture.segmentBytes(1)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      fixture.plant(damaged)
      const present = await reopen()
      const hit = ends.findIndex((end) => bit >> 3 < end)
      // What the damaged record introduced may be missing later as well; what came before never is.
      expect(present.filter((slot) => slot < hit)).toEqual(ALL.slice(0, hit))
      expect(fixture.complaints.length).toBeGreaterThan(0)
    }),
    { numRuns: 160 },
  )
})

test('damage in the middle costs what is there; the records behind it are found', async () => {
  const ends = await writeLog()
  const bytes = fixture.segmentBytes(1)
  // The last value of the third batch.
  const offset = (ends[2] ?? 0) - 3
  bytes[offset] = (bytes[offset] ?? 0) ^ 0xff
  writeFileSync(fixture.segmentPath(1), bytes)
  expect(await openAndGoOn()).toEqual([0, 1, 3, 4, 5])
  expect(fixture.complaints[0]).toMatchObject({ path: fixture.segmentPath(1), lostRecords: 1 })
  expect(existsSync(fixture.segmentPath(2))).toBe(true)
})

test.each([
  [
    'overwritten with zeros',
    (bytes: Buffer, ends: number[]) => bytes.fill(0, ends[1], ends[3]),
    [0, 1, 4, 5],
  ],
  [
    'overwritten with ones',
    (bytes: Buffer, ends: number[]) => bytes.fill(255, ends[1], ends[3]),
    [0, 1, 4, 5],
  ],
  [
    'taken out',
    (bytes: Buffer, ends: number[]) => Buffer.concat([bytes.subarray(0, ends[1]), bytes.subarray(ends[3])]),
    [0, 1, 4, 5],
  ],
  [
    'doubled',
    (bytes: Buffer, ends: number[]) => Buffer.concat([bytes.subarray(0, ends[3]), bytes.subarray(ends[1])]),
    ALL,
  ],
  [
    'pushed apart by three bytes',
    (bytes: Buffer, ends: number[]) =>
      Buffer.concat([bytes.subarray(0, ends[2]), Buffer.from('xyz'), bytes.subarray(ends[2])]),
    ALL,
  ],
  [
    'that only introduce a series, said to be longer than the file',
    (bytes: Buffer, ends: number[]) => {
      bytes.writeUInt32LE(64 * 1_024, (ends[2] ?? 0) + 12)
      return bytes
    },
    ALL,
  ],
  [
    'written again at the end, as an old copy of newer values',
    (bytes: Buffer, ends: number[]) => Buffer.concat([bytes, bytes.subarray(HEADER_BYTES, ends[0])]),
    ALL,
  ],
  ['behind a damaged header', (bytes: Buffer) => bytes.fill(0, 0, 20), ALL],
  ['behind a header that is gone', (bytes: Buffer) => bytes.fill(0, 0, HEADER_BYTES), ALL],
] as const)('records %s', async (_, damage, present) => {
  const ends = await writeLog()
  writeFileSync(fixture.segmentPath(1), damage(fixture.segmentBytes(1), ends))
  expect(await openAndGoOn()).toEqual(present)
  expect(fixture.complaints.length).toBeGreaterThan(0)
})

test('an old copy of a record does not bring back the value it had', async () => {
  const store = await fixture.open()
  appendBatch(store, 0)
  const old = fixture.segmentBytes(1).subarray(HEADER_BYTES)
  store.engine.append(pointsOf('a', [[BASE_MS, 99]]))
  await store.close()
  writeFileSync(fixture.segmentPath(1), Buffer.concat([fixture.segmentBytes(1), old]))
  const again = await fixture.open()
  expect(await readOne(again.engine, 'a', 'last', 1)).toEqual([99])
  await again.close()
})

test('a name that is the copy of a record is not taken for one', async () => {
  const store = await fixture.open()
  appendBatch(store, 0)
  const record = fixture.segmentBytes(1).subarray(HEADER_BYTES).toString('latin1')
  store.engine.append(pointsOf(record, [[BASE_MS, 5]]))
  appendBatch(store, 2)
  const end = fixture.segmentBytes(1).length
  await store.close()
  const bytes = fixture.segmentBytes(1)
  expect(bytes.length).toBe(end)
  // Damage in front of the name makes it be looked through.
  bytes.fill(
    0,
    bytes.indexOf(Buffer.from(record, 'utf8')) - 40,
    bytes.indexOf(Buffer.from(record, 'utf8')) - 30,
  )
  writeFileSync(fixture.segmentPath(1), bytes)
  expect(await reopen()).toEqual([0, 2])
})

describe('many segments', () => {
  test('each begins with what it needs to be read alone', async () => {
    await writeLog(1)
    const bytes = fixture.segmentBytes(2)
    for (const other of readdirSync(join(fixture.path, 'log')))
      writeFileSync(join(fixture.path, 'log', other), '')
    writeFileSync(fixture.segmentPath(2), bytes)
    expect(await reopen()).toEqual([1])
  })

  test('one that is missing, empty, cut or damaged costs what was in it', async () => {
    const damages: [string, (bytes: Buffer) => Buffer | undefined][] = [
      ['missing', () => undefined],
      ['empty', () => Buffer.alloc(0)],
      ['header only', (bytes) => bytes.subarray(0, HEADER_BYTES)],
      ['cut in the series', (bytes) => bytes.subarray(0, 100)],
      ['cut in the points', (bytes) => bytes.subarray(0, -20)],
      ['damaged in the points', (bytes) => bytes.fill(7, bytes.length - 10, bytes.length - 5)],
      ['random', (bytes) => bytes.fill(0x5a)],
    ]
    for (const [name, damage] of damages) {
      fixture.remove()
      fixture = new LogFixture()
      await writeLog(1)
      const damaged = damage(fixture.segmentBytes(3))
      if (damaged === undefined) rmSync(fixture.segmentPath(3))
      else writeFileSync(fixture.segmentPath(3), damaged)
      expect(await openAndGoOn(), name).toEqual(ALL.filter((slot) => slot !== 2))
      // A segment that nothing was written to is what a crash leaves at its beginning.
      if (name !== 'missing' && name !== 'header only')
        expect(fixture.complaints.length, name).toBeGreaterThan(0)
    }
  })

  test('a copy of a segment under another number is not read', async () => {
    await writeLog(1)
    const store = await fixture.open()
    store.engine.append(pointsOf('a', [[BASE_MS, 1]]))
    await store.close()
    copyFileSync(fixture.segmentPath(2), fixture.segmentPath(50))
    expect(await reopen()).toEqual(ALL)
    expect(fixture.complaints.map(({ path }) => path)).toContain(fixture.segmentPath(50))
  })

  test('all of them fill the catalog', async () => {
    await writeLog(1)
    const store = await fixture.open()
    expect(
      store.catalog
        .findSeries('*', 10)
        .map((entry) => [entry.identity.key, entry.firstSeenMs, entry.lastSeenMs]),
    ).toEqual([['a', BASE_MS, BASE_MS + 50_000]])
    expect(store.catalog.seriesCount).toBe(1 + SLOT_COUNT)
    expect(store.engine.stats()).toMatchObject({ pointCount: 2 * SLOT_COUNT, newestTimeMs: BASE_MS + 40_000 })
    await store.close()
  })
})

test('a full segment of an earlier Kymo, which ends with a dictionary and an index, is read like any other', async () => {
  const bytes = readFileSync(join(import.meta.dirname, 'testdata', 'segment-with-index.bin'))
  expect(bytes.includes('IKDX')).toBe(true)
  fixture.plant(bytes)
  expect(await openAndGoOn()).toEqual([0, 1, 2, 3])
  expect(fixture.complaints).toEqual([])
})

test('strangers in the directory are left alone', async () => {
  await writeLog()
  const log = join(fixture.path, 'log')
  writeFileSync(join(log, 'notes.txt'), 'mine')
  writeFileSync(join(log, '1.log'), 'mine')
  writeFileSync(join(fixture.path, 'README'), 'mine')
  mkdirSync(fixture.segmentPath(2))
  mkdirSync(join(log, 'folder'))
  symlinkSync(fixture.segmentPath(4), fixture.segmentPath(4))
  expect(await openAndGoOn()).toEqual(ALL)
  expect(readFileSync(join(log, 'notes.txt'), 'utf8')).toBe('mine')
  expect(fixture.complaints.map(({ name }) => name)).toContain('notes.txt')
  // New segments keep clear of the numbers that are taken.
  expect(existsSync(fixture.segmentPath(5))).toBe(true)
})

test('a header of a newer version is refused, and named', async () => {
  await writeLog()
  const bytes = fixture.segmentBytes(1)
  bytes.writeUInt32LE(9, 8)
  const { crc32 } = await import('node:zlib')
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36)
  writeFileSync(fixture.segmentPath(1), bytes)
  await expect(fixture.open()).rejects.toMatchObject({
    code: 'data-version',
    details: { found: 9 },
    exitCode: 2,
  })
})

test('what was deleted whole is forgotten by the catalog of the next start, also across segments', async () => {
  const everything = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }
  for (const segmentBytes of [1, 1_000_000]) {
    const store = await fixture.open({ segmentBytes })
    store.engine.append(pointsOf('gone', [[BASE_MS, 1]]))
    store.engine.append(pointsOf('back', [[BASE_MS, 1]]))
    store.engine.append(
      pointsOf('part', [
        [BASE_MS, 1],
        [BASE_MS + 10_000, 2],
      ]),
    )
    expect(await store.engine.delete(['gone', 'back'], everything)).toBe(2)
    expect(await store.engine.delete(['part'], { startMs: 0, endMs: BASE_MS + 1 })).toBe(1)
    store.engine.append(pointsOf('back', [[BASE_MS + 10_000, 3]]))
    await store.close()
    const again = await fixture.open({ segmentBytes })
    expect(again.catalog.findSeries('*', 10).map(({ identity }) => identity)).toEqual([
      identityOf('back'),
      identityOf('part'),
    ])
    expect(again.catalog.get('back')?.firstSeenMs).toBe(BASE_MS + 10_000)
    expect(await readOne(again.engine, 'back', 'last', 2)).toEqual([null, 3])
    expect(await readOne(again.engine, 'gone', 'last', 2)).toEqual([null, null])
    await again.close()
    fixture.remove()
    fixture = new LogFixture()
  }
})

test('says how far it is while it opens', async () => {
  await writeLog(1)
  const progress: { doneBytes: number; totalBytes: number }[] = []
  const store = await fixture.open({ onProgress: (step) => progress.push(step) })
  await store.close()
  expect(progress[0]?.doneBytes).toBe(0)
  expect(progress.length).toBe(1 + SLOT_COUNT)
  expect(progress.at(-1)?.doneBytes).toBe(progress.at(-1)?.totalBytes)
  expect(progress.map(({ doneBytes }) => doneBytes)).toEqual(
    progress.map(({ doneBytes }) => doneBytes).sort((a, b) => a - b),
  )
})
