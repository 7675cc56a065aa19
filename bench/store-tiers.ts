// What rolling up costs: a day of so many series at 10 s, with half of a flush's series counters and half gauges, goes through the store as it
// would; what is measured is the CPU of the foldings into steps of a minute and of ten minutes, as a share of the day. The same points merged
// into larger blocks stand beside it. What the tiers say is held against sums of the values themselves. Prints one line of JSON.
// Run with `node bench/store-tiers.ts [series]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../src/lib/fake-clock.ts'
import type { SeriesIdentity } from '../src/model/series-identity.ts'
import { mergeBlocks } from '../src/store/embedded/block/merge-blocks.ts'
import { sealHead } from '../src/store/embedded/block/seal-head.ts'
import { nodeFileSystem, type FileSystem } from '../src/store/embedded/file-system.ts'
import { openEmbeddedStore } from '../src/store/embedded/open-embedded-store.ts'
import { readStoreStats } from '../src/store/embedded/care/store-stats.ts'
import { foldTier } from '../src/store/embedded/tier/fold-tier.ts'
import { createRuleBook } from '../src/store/rules/index.ts'

const seriesCount = Number(process.argv[2] ?? 10_000)
const WANTED_SERIES = 100_000
const STEP_MS = 10_000
const DAY_MS = 86_400_000
const START_MS = Math.ceil(1_700_000_000_000 / DAY_MS) * DAY_MS
const TIERS_MS = [60_000, 600_000]
const rules = {
  defaultRetentions: [
    { stepSeconds: 10, retentionSeconds: 7 * 86_400 },
    { stepSeconds: 60, retentionSeconds: 90 * 86_400 },
    { stepSeconds: 600, retentionSeconds: 5 * 365 * 86_400 },
  ],
}
const unsynced: FileSystem = { ...nodeFileSystem, fsyncSync() {}, fdatasync: (_, done) => done(null) }
const cpuMs = { sealing: 0, merging: 0, folding: 0 }
let foldings = 0

const path = mkdtempSync(join(tmpdir(), 'kymo-tiers-'))
try {
  const clock = new FakeClock(START_MS)
  const store = await openEmbeddedStore({
    path,
    rules,
    clock,
    files: unsynced,
    packer: {
      seal: async (segment) => charged('sealing', () => sealHead(unsynced, segment)),
      merge: async (blocks) => charged('merging', () => mergeBlocks(unsynced, blocks)),
      fold: async ({ rules: _rules, ...folding }) => {
        foldings += 1
        return charged('folding', () => foldTier(unsynced, folding, createRuleBook(rules)))
      },
    },
  })
  const series = Array.from({ length: seriesCount }, (_, index) => identityAt(index))
  const values = new Float64Array(seriesCount)
  for (let timeMs = START_MS; timeMs < START_MS + DAY_MS; timeMs += STEP_MS) {
    for (let index = 0; index < seriesCount; index++) values[index] = valueAt(index, timeMs)
    store.engine.appendFlush({ timeMs, series, values })
    clock.advance(STEP_MS)
    if (timeMs % 600_000 === 0) await settled()
  }
  await settled()
  for (const stepMs of TIERS_MS) await check(stepMs)
  await store.close()
  const { tiers, files } = readStoreStats(path)
  const share = (ms: number): number => round((ms / DAY_MS) * (WANTED_SERIES / seriesCount) * 100)
  console.log(
    JSON.stringify({
      series: seriesCount,
      points: seriesCount * (DAY_MS / STEP_MS),
      foldings,
      percentOfACoreForHundredThousandSeries: {
        folding: share(cpuMs.folding),
        sealing: share(cpuMs.sealing),
        merging: share(cpuMs.merging),
      },
      foldingNsPerPoint: round((cpuMs.folding * 1e6) / (seriesCount * (DAY_MS / STEP_MS))),
      foldingOfMerging: round(cpuMs.folding / cpuMs.merging),
      bytesPerPoint: round(
        files.reduce((sum, { bytes }) => sum + bytes, 0) /
          files.reduce((sum, { pointCount }) => sum + pointCount, 0),
      ),
      bytesPerSlot: Object.fromEntries(
        tiers.map(({ stepMs, bytes, slotCount }) => [stepMs, round(bytes / slotCount)]),
      ),
    }),
  )

  async function check(stepMs: number): Promise<void> {
    const places = Array.from({ length: 50 }, (_, turn) => (turn * 7_919) % seriesCount)
    const tierStepsMs = TIERS_MS.filter((tierMs) => tierMs <= stepMs)
    const request = {
      series: places.map((place) => ({ key: identityAt(place).key, rollup: 'sum' as const, tierStepsMs })),
      range: { startMs: START_MS, endMs: START_MS + DAY_MS },
      stepMs,
    }
    let next = 0
    for await (const chunk of store.engine.read(request)) {
      const place = places[next++] ?? 0
      for (const [slot, value] of chunk.values.entries()) {
        let sum = 0
        for (
          let timeMs = START_MS + slot * stepMs, left = stepMs / STEP_MS;
          left > 0;
          left--, timeMs += STEP_MS
        )
          sum += valueAt(place, timeMs)
        if (value !== sum) throw new Error(`${chunk.key}, slot ${slot}: ${value}, and the values make ${sum}`)
      }
    }
  }
} finally {
  rmSync(path, { recursive: true })
}

function charged<Result>(kind: keyof typeof cpuMs, action: () => Result): Result {
  const before = process.cpuUsage()
  try {
    return action()
  } finally {
    const { user, system } = process.cpuUsage(before)
    cpuMs[kind] += (user + system) / 1_000
  }
}

function identityAt(index: number): SeriesIdentity {
  const metricKey = `dc1.web${String(index >> 1).padStart(5, '0')}.${index % 2 === 0 ? 'requests' : 'load'}`
  return index % 2 === 0
    ? { key: `${metricKey}.count`, metricKey, metricType: 'counter', statistic: 'count', rollup: 'sum' }
    : { key: metricKey, metricKey, metricType: 'gauge', statistic: 'value', rollup: 'last' }
}

/** Whole numbers, so that sums are exact in whatever order. Every eighth series is idle. */
function valueAt(index: number, timeMs: number): number {
  if (index % 8 === 7) return 5
  const step = (timeMs - START_MS) / STEP_MS
  const noise = Math.imul(index * 2_654_435_761 + step, 0x9e37_79b1) >>> 24
  return index % 2 === 0 ? noise : 1_000 + Math.round(100 * Math.sin((step + index) / 500)) + (noise >> 4)
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate)
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
