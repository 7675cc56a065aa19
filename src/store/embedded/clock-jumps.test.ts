// Clocks that are set wrong and right again, while a store runs and between its runs.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keptAsTheyCome } from '../rules/index.ts'
import { flushOf, readChunks } from '../engine.conformance.ts'
import type { OpenStore } from '../open-store.ts'
import { BASE_MS } from '../testdata/base-time.ts'
import { LogFixture, packerHere } from './testdata/log-fixture.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const TEN_YEARS_MS = 3_653 * DAY_MS
const JUMPS = [
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
  ['ten years ahead', TEN_YEARS_MS],
  ['ten years back', -TEN_YEARS_MS],
] as const

let fixture: LogFixture
/** By time. */
let written: Map<number, number>
beforeEach(() => {
  fixture = new LogFixture()
  written = new Map()
})
afterEach(() => fixture.remove())

function open(): Promise<OpenStore> {
  return fixture.open({ rules: keptAsTheyCome(30 * DAY_MS), segmentBytes: 1_024, packer: packerHere() })
}

/** A flush every hour, stamped by the clock. */
function run({ engine }: OpenStore, flushes: number): void {
  for (let count = 0; count < flushes; count++) {
    fixture.clock.advance(HOUR_MS)
    const value = written.size
    engine.appendFlush(flushOf(['a'], fixture.clock.nowMs(), [value]))
    written.set(fixture.clock.nowMs(), value)
  }
}

/** Everything is where it was written, and nothing else. What was stamped ten years back is older than the retention. */
async function expectAll({ engine }: OpenStore): Promise<void> {
  const series = [{ key: 'a', rollup: 'last' as const }]
  for (const middleMs of [BASE_MS, BASE_MS + TEN_YEARS_MS]) {
    const startMs = (Math.floor(middleMs / HOUR_MS) - 48) * HOUR_MS
    const range = { startMs, endMs: startMs + 10 * DAY_MS }
    const [chunk] = await readChunks(engine, { series, range, stepMs: 60_000 })
    const found = [...(chunk?.values ?? [])].flatMap((value, slot) =>
      Number.isNaN(value) ? [] : [[range.startMs + slot * 60_000, value] as const],
    )
    const wanted = [...written].filter(([timeMs]) => timeMs >= range.startMs && timeMs < range.endMs)
    expect(found).toEqual(wanted.toSorted(([a], [b]) => a - b))
  }
}

test.each(JUMPS)('%s while it runs, and right again: nothing is lost', async (_, jumpMs) => {
  const store = await open()
  run(store, 10)
  fixture.clock.stepWallClock(jumpMs)
  run(store, 10)
  await store.engine.sync()
  await expectAll(store)
  fixture.clock.stepWallClock(-jumpMs)
  run(store, 10)
  await store.engine.sync()
  await expectAll(store)
  await store.close()
  const again = await open()
  await expectAll(again)
  await again.close()
  expect(fixture.complaints).toEqual([])
})

test.each(JUMPS)('%s between two runs, and right again: nothing is lost', async (_, jumpMs) => {
  for (const stepMs of [0, jumpMs, -jumpMs]) {
    fixture.clock.stepWallClock(stepMs)
    const store = await open()
    await expectAll(store)
    await store.close()
  }
  const store = await open()
  run(store, 5)
  await expectAll(store)
  await store.close()
})
