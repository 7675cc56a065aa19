// What it costs to keep the sketches of timers: hours of so many timers at 10 s, with 20 response times each, go from the merger through
// the store, once with sketches and once without. CPU time and bytes stand side by side, per timer and flush. The weights that are read back
// are held against how many values there were. Prints one line of JSON.
// Run with `node bench/stored-sketches.ts [timers] [hours] [values]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/lib/clock.ts'
import { IntervalMerger } from '../src/aggregator/index.ts'
import { FakeClock } from '../src/lib/fake-clock.ts'
import { createStoreSink } from '../src/sinks/store.ts'
import { mergeBlocks } from '../src/store/embedded/block/merge-blocks.ts'
import { sealHead } from '../src/store/embedded/block/seal-head.ts'
import { readStoreStats } from '../src/store/embedded/care/store-stats.ts'
import { nodeFileSystem, type FileSystem } from '../src/store/embedded/file-system.ts'
import { openEmbeddedStore } from '../src/store/embedded/open-embedded-store.ts'
import { foldTier } from '../src/store/embedded/tier/fold-tier.ts'
import { createRuleBook } from '../src/store/rules/index.ts'

const timerCount = Number(process.argv[2] ?? 200)
const hours = Number(process.argv[3] ?? 14)
const valuesPerFlush = Number(process.argv[4] ?? 20)
const FLUSH_MS = 10_000
const START_MS = 1_700_006_400_000
const END_MS = START_MS + hours * 3_600_000
const flushes = timerCount * ((END_MS - START_MS) / FLUSH_MS)
const rules = {
  defaultRetentions: [
    { stepSeconds: 10, retentionSeconds: 7 * 86_400 },
    { stepSeconds: 60, retentionSeconds: 90 * 86_400 },
    { stepSeconds: 600, retentionSeconds: 5 * 365 * 86_400 },
  ],
}
const unsynced: FileSystem = { ...nodeFileSystem, fsyncSync() {}, fdatasync: (_, done) => done(null) }

// Log-normal, a median of 20 ms and a long tail; some timers are slower than others.
const TIMES = Float64Array.from({ length: 65_536 }, (_, i) => {
  const [even, golden] = [(i + 0.5) / 65_536, (i * 0.618_033_988_749_895 + 0.5) % 1]
  return 20 * Math.exp(0.8 * Math.sqrt(-2 * Math.log(even)) * Math.cos(2 * Math.PI * golden))
})

const [without, kept] = [await run(false), await run(true)]
console.log(
  JSON.stringify({
    timers: timerCount,
    flushes,
    valuesPerFlush,
    without,
    kept,
    bucketsOfATimer: round((kept.series - without.series) / timerCount),
    moreBytes: {
      blocks: round(kept.blockBytes - without.blockBytes),
      tiers: Object.fromEntries(
        Object.entries(kept.tierBytes).map(([stepMs, bytes]) => [
          stepMs,
          round(bytes - (without.tierBytes[stepMs] ?? 0)),
        ]),
      ),
    },
    timesTheCpu: round(kept.flushMicroseconds / without.flushMicroseconds),
  }),
)

/** Of a timer and flush: microseconds of the keeper and of the packer, and bytes; of a timer and slot: bytes of a tier. */
async function run(hasSketches: boolean) {
  const path = mkdtempSync(join(tmpdir(), 'kymo-sketches-'))
  try {
    const clock = new FakeClock(START_MS)
    const packing = { microseconds: 0 }
    const store = await openEmbeddedStore({
      path,
      rules,
      clock,
      files: unsynced,
      packer: {
        seal: async (segment) => charged(packing, () => sealHead(unsynced, segment)),
        merge: async (blocks) => charged(packing, () => mergeBlocks(unsynced, blocks)),
        fold: async ({ rules: _rules, ...folding }) =>
          charged(packing, () => foldTier(unsynced, folding, createRuleBook(rules))),
      },
    })
    const sink = createStoreSink({ ...store, clock: systemClock })
    const merger = new IntervalMerger({
      intervalMs: FLUSH_MS,
      wishes: () => ({ areSketchesWanted: hasSketches }),
    })
    const timers = merger.metrics('timer')
    const keys = Array.from({ length: timerCount }, (_, timer) => `web${timer % 40}.api.call${timer}`)
    const flushing = { microseconds: 0 }
    let buckets = 0
    let next = 0
    const values = new Float64Array(valuesPerFlush)
    for (let endMs = START_MS + FLUSH_MS; endMs <= END_MS; endMs += FLUSH_MS) {
      for (const [timer, key] of keys.entries()) {
        for (let i = 0; i < valuesPerFlush; i++)
          values[i] = (TIMES[(next += 40_503) & 0xffff] ?? 0) * (1 + timer / timerCount)
        timers.at(timers.hold(key)).addAll(values, undefined)
      }
      await charged(flushing, () => {
        const batch = merger.close(endMs)
        buckets += batch.sketches?.values.length ?? 0
        return sink.flush(batch)
      })
      clock.advance(FLUSH_MS)
      if (endMs % 600_000 === 0) for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate)
    }
    if (hasSketches) {
      const series = store.catalog
        .findSeries(`stats.timers.${keys[0]}.sketch.*`, 10_000)
        .map(({ identity: { key, rollup } }) => ({ key, rollup, tierStepsMs: [60_000] }))
      let weight = 0
      const range = { startMs: START_MS, endMs: END_MS + 60_000 }
      for await (const chunk of store.engine.read({ series, range, stepMs: 60_000 }))
        for (const value of chunk.values) weight += Number.isNaN(value) ? 0 : value
      if (weight !== (flushes / timerCount) * valuesPerFlush) throw new Error(`${weight} values were kept`)
    }
    const series = store.catalog.seriesCount
    await store.close()
    const { files, tiers } = readStoreStats(path)
    return {
      flushMicroseconds: round(flushing.microseconds / flushes),
      packMicroseconds: round(packing.microseconds / flushes),
      series,
      buckets: round(buckets / flushes),
      blockBytes: round(files.reduce((sum, { bytes }) => sum + bytes, 0) / flushes),
      tierBytes: Object.fromEntries(
        tiers.map(({ stepMs, bytes, oldestMs, newestMs }) => [
          stepMs,
          round(bytes / (timerCount * ((newestMs - oldestMs) / stepMs + 1))),
        ]),
      ) as Record<string, number>,
    }
  } finally {
    rmSync(path, { recursive: true })
  }
}

function charged<Result>(to: { microseconds: number }, action: () => Result): Result {
  const before = process.cpuUsage()
  try {
    return action()
  } finally {
    const { user, system } = process.cpuUsage(before)
    to.microseconds += user + system
  }
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
