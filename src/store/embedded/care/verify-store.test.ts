import fc from 'fast-check'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runs } from '../../../../test/harness/runs.ts'
import {
  appendBatch,
  batchesIn,
  LogFixture,
  noPacker,
  packerHere,
  sealerHere,
  SLOT_COUNT,
} from '../testdata/log-fixture.ts'
import { verifyStore } from './verify-store.ts'

const ALL = Array.from({ length: SLOT_COUNT }, (_, slot) => slot)

let fixture: LogFixture
beforeEach(() => {
  fixture = new LogFixture()
})
afterEach(() => fixture.remove())

async function write(packer = noPacker, segmentBytes = 1_000_000): Promise<void> {
  const store = await fixture.open({ packer, segmentBytes })
  for (const slot of ALL) appendBatch(store, slot)
  await store.close()
}

async function stored(): Promise<number[]> {
  fixture.lines.length = 0
  const store = await fixture.open()
  try {
    return await batchesIn(store)
  } finally {
    await store.close()
  }
}

/** The one file that there is. */
function onlyPath(): string {
  const [name = ''] = fixture.storedFiles
  return join(fixture.path, name.endsWith('.log') ? 'log' : 'blocks', name)
}

test.each([
  ['a log', noPacker, 1_000_000, 1],
  ['blocks', sealerHere(), 1, SLOT_COUNT],
  ['a block', packerHere(), 1_000_000, 1],
])('%s that is whole: what is in it', async (_, packer, segmentBytes, fileCount) => {
  await write(packer, segmentBytes)
  const report = verifyStore({ path: fixture.path, repairs: true })
  expect(report).toMatchObject({
    seriesCount: 1 + SLOT_COUNT,
    pointCount: 2 * SLOT_COUNT,
    quarantined: [],
  })
  expect(report.files).toHaveLength(fileCount)
  expect(report.files.flatMap(({ damages }) => damages)).toEqual([])
  expect(await stored()).toEqual(ALL)
})

test.each([
  ['a log', noPacker],
  ['a block', packerHere()],
])(
  '%s: a bit that flips anywhere is found where it is; the repair keeps what can be read',
  async (_, packer) => {
    await write(packer)
    const path = onlyPath()
    const bytes = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        for (const name of ['log', 'blocks'])
          for (const file of fixture.storedFiles) rmSync(join(fixture.path, name, file), { force: true })
        const damaged = Buffer.from(bytes)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        writeFileSync(path, damaged)

        const found = verifyStore({ path: fixture.path, repairs: false })
        expect(readFileSync(path).equals(damaged)).toBe(true)
        const places = found.files.flatMap(({ damages }) => damages)
        const isNamed = places.some(
          ({ offsetBytes, lengthBytes }) => bit >> 3 >= offsetBytes && bit >> 3 < offsetBytes + lengthBytes,
        )
        // A trailer that is damaged hides all that is before it.
        expect(isNamed, `bit ${bit}: ${JSON.stringify(places)}`).toBe(true)

        const repaired = verifyStore({ path: fixture.path, repairs: true })
        expect(repaired.quarantined).toHaveLength(1)
        expect(readFileSync(repaired.quarantined[0] ?? '').equals(damaged)).toBe(true)
        const again = verifyStore({ path: fixture.path, repairs: false })
        expect(again.files.flatMap(({ damages }) => damages)).toEqual([])
        // Throws for a value that was never written.
        const present = await stored()
        expect(present.every((slot) => ALL.includes(slot))).toBe(true)
        expect(fixture.complaints).toEqual([])
      }),
      { numRuns: runs(100) },
    )
  },
)

test('a directory in use is left alone', async () => {
  const store = await fixture.open()
  expect(() => verifyStore({ path: fixture.path, repairs: true })).toThrow(
    expect.objectContaining({ code: 'data-in-use' }),
  )
  await store.close()
})
