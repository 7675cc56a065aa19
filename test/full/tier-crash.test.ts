import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failingFiles } from '../../src/store/embedded/testdata/failing-files.ts'
import { packerHere, unsyncedFiles } from '../../src/store/embedded/testdata/log-fixture.ts'
import { rulesOf, settled, TierHistory } from '../../src/store/embedded/testdata/tier-history.ts'

const RUNS = 60
/** No fewer are made by opening the store. */
const CALLS_TO_OPEN = 20

/** All calls to the disk fail from this one on, as after a crash; what is on the disk then is opened elsewhere. */
async function fallAt(atCall: number): Promise<number> {
  const { files, callCount } = failingFiles({ atCall, calls: Infinity, code: 'EIO' })
  const history = new TierHistory({ rules: rulesOf(1), files, packer: packerHere(files) })
  const copy = mkdtempSync(join(tmpdir(), 'kymo-tiers-'))
  await history.open()
  const fallen = history.store
  try {
    try {
      await history.live(['a'], 2.5)
    } catch (error) {
      expect(error).toMatchObject({ code: 'store-write-failed' })
    }
    cpSync(history.fixture.path, copy, { recursive: true })
    await history.open({ path: copy, files: unsyncedFiles, packer: packerHere() })
    await settled()
    await history.expectAsKnown('a')
    return callCount()
  } finally {
    await history.end()
    await fallen.close().catch(() => {})
    rmSync(copy, { recursive: true })
  }
}

test('whatever call to the disk is the last one before a crash, nothing is lost of tiers', {
  timeout: 120_000,
}, async () => {
  const calls = await fallAt(Infinity)
  expect(calls).toBeGreaterThan(500)
  for (let run = 1; run <= RUNS; run++)
    await fallAt(CALLS_TO_OPEN + Math.floor(((calls - CALLS_TO_OPEN) * (run - 0.5)) / RUNS))
})
