import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOne } from '../../engine.conformance.ts'
import type { OpenStore } from '../../open-store.ts'
import { appendBatch, LogFixture, packerHere, SLOT_COUNT } from '../testdata/log-fixture.ts'
import { openEmbeddedStore } from '../open-embedded-store.ts'
import { verifyStore } from './verify-store.ts'

const SOME = [0, 1, 2]
let fixture: LogFixture
let store: OpenStore
let directory: string

beforeEach(async () => {
  fixture = new LogFixture()
  directory = mkdtempSync(join(tmpdir(), 'kymo-backup-'))
  store = await fixture.open({ packer: packerHere() })
})
afterEach(async () => {
  await store.close()
  fixture.remove()
  rmSync(directory, { recursive: true })
})

async function slotsIn(path: string): Promise<(number | null)[]> {
  const opened = await openEmbeddedStore({ path })
  try {
    return await readOne(opened.engine, 'a', 'last', SLOT_COUNT)
  } finally {
    await opened.close()
  }
}

test('a backup holds what was there, whatever comes after it', async () => {
  for (const slot of SOME) appendBatch(store, slot)
  const target = join(directory, 'deep', 'backup')
  const report = await store.backUp(target)
  expect(report).toMatchObject({ path: target, isLinked: true })
  appendBatch(store, 3)
  await store.engine.delete(['a'], { startMs: -Infinity, endMs: Infinity })
  expect(verifyStore({ path: target, repairs: false }).files.flatMap(({ damages }) => damages)).toEqual([])
  expect(await slotsIn(target)).toEqual([1, 2, 3, null, null, null])
  expect(await slotsIn(target)).toEqual([1, 2, 3, null, null, null])
})

test('files are the same on the disk', async () => {
  appendBatch(store, 0)
  await store.backUp(join(directory, 'backup'))
  const [name = ''] = readdirSync(join(directory, 'backup', 'blocks'))
  expect(statSync(join(directory, 'backup', 'blocks', name)).nlink).toBe(2)
})

test('an empty store has a backup, too', async () => {
  const target = join(directory, 'backup')
  await store.backUp(target)
  expect(await slotsIn(target)).toEqual([null, null, null, null, null, null])
})

test.each([
  ['a directory that holds something', () => mkdirSync(join(directory, 'backup', 'x'), { recursive: true })],
  ['a file', () => writeFileSync(join(directory, 'backup'), '')],
])('%s is refused, and stays as it is', async (_, prepare) => {
  prepare()
  const before = readdirSync(directory, { recursive: true })
  await expect(store.backUp(join(directory, 'backup'))).rejects.toMatchObject({ code: 'backup-refused' })
  expect(readdirSync(directory, { recursive: true })).toEqual(before)
})

test('what a crash left of a copy is removed by the next start', async () => {
  await store.close()
  cpSync(join(fixture.path, 'log'), join(fixture.path, 'backup.new'), { recursive: true })
  store = await fixture.open({ packer: packerHere() })
  expect(readdirSync(fixture.path)).not.toContain('backup.new')
})
