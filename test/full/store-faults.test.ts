// The store on a disk that fails, at every call that changes something and in every way there is, and the store whose power is
// cut a thousand times.
import { expect, test } from 'vitest'
import { runOnFailingDisk } from '../../src/store/embedded/testdata/failing-run.ts'
import { runWithPowerCuts } from '../../src/store/embedded/testdata/power-cut-run.ts'

const FOREVER = Number.POSITIVE_INFINITY

test.each([
  ['ENOSPC', 1],
  ['ENOSPC', 7],
  ['ENOSPC', FOREVER],
  ['EDQUOT', 2],
  ['EIO', 1],
  ['EIO', 3],
  ['EROFS', FOREVER],
  ['EMFILE', 2],
  ['short', 1],
  ['short', FOREVER],
])('%s at every call, %d in a row', async (code, calls) => {
  let runs = 0
  for (let atCall = 1, isHit = true; isHit; atCall += 1, runs += 1) {
    const report = await runOnFailingDisk({ seed: atCall, atCall, calls, code })
    expect(report.complaints, `call ${atCall}`).toEqual([])
    isHit = report.isHit
  }
  expect(runs).toBeGreaterThan(100)
})

test.each([0, 0.02, 0.2])('power cuts by the hundred, %d of the syncs fail', async (syncFailures) => {
  let checkedCells = 0
  for (let seed = 1; seed <= 60; seed++) {
    const report = await runWithPowerCuts({ seed, cuts: 20, syncFailures })
    expect(report.complaints, `seed ${seed}`).toEqual([])
    checkedCells += report.checkedCells
  }
  expect(checkedCells).toBeGreaterThan(1_000_000)
})
