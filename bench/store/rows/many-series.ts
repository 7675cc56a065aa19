import { join } from 'node:path'
import type { Bench } from '../../ingest/bench.ts'
import { atMost } from '../../ingest/criterion.ts'
import { watchMemory } from '../../ingest/resident-memory.ts'
import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { sendText, writeGraphiteText } from '../graphite-text.ts'
import { KymoStore } from '../kymo-store.ts'
import { quickMetrics, type PointSet, statsdFlushes } from '../point-set.ts'
import { sleep } from '../../ingest/child.ts'

const SEED = 5
const SERIES = 200_000
const STEPS = 12
const FEW_SERIES = 1_000
/** Past the flush that shows how many there are, and what threads give back then. */
const SETTLING_SECONDS = 20
const WATCHED_SECONDS = 8
const TAKEN_DEADLINE_MS = 300_000
const MOST_STATSD_BYTES = 700
const MOST_DECIMAL_BYTES = 1_800
const MOST_REOPEN_SECONDS = 4

/** Resident memory: all that 200,000 series cost the process, whatever it is in. Scaled to the series that there are. */
export const head: Row = {
  name: 'head',
  about:
    'resident bytes per series at 200,000 active series, above a process with 1,000; and opening again after kill -9',
  async run(bench) {
    const statsd = await measureHead(bench, repeatedTo(SERIES, statsdFlushes(SEED)))
    const decimals = await measureHead(bench, quickMetrics(SEED, Math.ceil(SERIES / 11), STEPS))
    return {
      figures: {
        series: SERIES,
        pointsPerSeries: STEPS,
        statsdBytesPerSeries: statsd.bytesPerSeries,
        decimalBytesPerSeries: decimals.bytesPerSeries,
        statsdReopenSeconds: statsd.reopenSeconds,
        decimalReopenSeconds: decimals.reopenSeconds,
      },
      criteria: [
        atMost(MOST_STATSD_BYTES, 'bytes per series, StatsD mix', statsd.bytesPerSeries),
        atMost(MOST_DECIMAL_BYTES, 'bytes per series, decimals', decimals.bytesPerSeries),
        atMost(MOST_REOPEN_SECONDS, 'reopen after kill -9, s', statsd.reopenSeconds),
      ],
    }
  },
}

/** The same signals under other names, as often as it takes, for a few steps. */
function repeatedTo(seriesCount: number, { series, startMs, stepMs }: PointSet): PointSet {
  const repeated = Array.from({ length: seriesCount }, (_, place) => {
    const { name, values } = series[place % series.length] ?? { name: '', values: new Float64Array(0) }
    return { name: `copy${Math.floor(place / series.length)}.${name}`, values: values.slice(0, STEPS) }
  })
  const pointCount = repeated.reduce(
    (sum, { values }) => sum + values.filter((value) => !Number.isNaN(value)).length,
    0,
  )
  return { series: repeated, startMs, stepMs, pointCount }
}

async function measureHead(bench: Bench, set: PointSet) {
  const textPath = join(bench.place(), 'points.txt')
  writeGraphiteText(textPath, set)
  await using store = await KymoStore.start(bench)
  // What is loaded for the first point, and for the first question, is no series'.
  const few = { ...set, series: set.series.slice(0, FEW_SERIES) }
  const fewPath = join(bench.place(), 'few.txt')
  writeGraphiteText(fewPath, few)
  await take(store, fewPath, FEW_SERIES)
  await sleep(SETTLING_SECONDS * 1_000)
  const idle = await watchMemory(store.pid, WATCHED_SECONDS)
  await take(store, textPath, set.pointCount)
  await sleep(SETTLING_SECONDS * 1_000)
  const busy = await watchMemory(store.pid, WATCHED_SECONDS)
  await store.kymo.stop('SIGKILL')
  const startMs = performance.now()
  await using again = await KymoStore.start(bench, { dataPath: store.dataPath })
  const reopenSeconds = (performance.now() - startMs) / 1_000
  const metrics = await again.kymo.metrics()
  expectAtLeast('series after kill -9', metrics.sum('kymo_series'), set.series.length)
  const more = set.series.length - few.series.length
  return { bytesPerSeries: (busy.median - idle.median) / more, reopenSeconds }
}

async function take(store: KymoStore, textPath: string, points: number): Promise<void> {
  const wanted = (await store.takenPoints()) + points
  await sendText(textPath, store.graphitePort)
  const deadline = performance.now() + TAKEN_DEADLINE_MS
  while ((await store.takenPoints()) < wanted && performance.now() < deadline) await sleep(100)
  expectAtLeast('points taken', await store.takenPoints(), wanted)
}

/** What Kymo stores about itself comes on top. */
function expectAtLeast(what: string, found: number, least: number): void {
  if (!(found >= least)) throw new WrongAnswer(`${what}: ${found} and not ${least}`)
}
