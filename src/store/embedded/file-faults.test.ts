// A disk that fails while Kymo appends, syncs, rolls, seals, merges and recovers. Every call that changes something, and
// every way to fail, are in test/full/store-faults.test.ts.
import { expect, test } from 'vitest'
import { runOnFailingDisk } from './testdata/failing-run.ts'
import { runWithPowerCuts } from './testdata/power-cut-run.ts'

test.each([
  ['EIO', 1],
  ['ENOSPC', 5],
  ['short', 1],
] as const)(
  '%s at one call in twenty, %d in a row: what was acknowledged is there, unchanged',
  async (code, calls) => {
    let runs = 0
    for (let atCall = 1, isHit = true; isHit; atCall += 20, runs += 1) {
      const report = await runOnFailingDisk({ seed: atCall, atCall, calls, code })
      expect(report.complaints, `call ${atCall}`).toEqual([])
      isHit = report.isHit
    }
    expect(runs).toBeGreaterThan(5)
  },
)

test.each([
  [1, 0],
  [2, 0],
  [3, 0.05],
  [4, 0.2],
])(
  'power cuts (seed %d), and syncs that fail %d of the time: what was acknowledged is there, unchanged',
  async (seed, syncFailures) => {
    const report = await runWithPowerCuts({ seed, cuts: 12, syncFailures })
    expect(report.complaints).toEqual([])
    expect(report.checkedCells).toBeGreaterThan(1_000)
    expect(report.failedSyncs > 0).toBe(syncFailures > 0)
  },
)
