import { expect, test } from 'vitest'
import { runCrashRounds } from './testdata/crash-rounds.ts'

/** `npm run test:crash` makes a thousand, and a report of them. */
const ROUNDS = 5

test('a process killed while it appends, seals and merges loses nothing that it had synced', async () => {
  const report = await runCrashRounds({ rounds: ROUNDS, seed: Math.floor(Math.random() * 1_000) })
  expect(report.complaints).toEqual([])
  expect(report.rounds).toBe(ROUNDS)
  expect(report.checkedCells).toBeGreaterThan(0)
}, 60_000)
