import { join } from 'node:path'
import { readdirSync } from 'node:fs'
import type { SeriesIdentity } from '../../../src/model/series-identity.ts'
import type { TimeRange } from '../../../src/model/time-range.ts'
import { untypedIdentity } from '../../../src/model/untyped-identity.ts'
import type { EngineReader } from '../../../src/store/engine.ts'
import { openEmbeddedStore, openReader } from '../../../src/store/index.ts'
import { keptAsTheyCome } from '../../../src/store/rules/index.ts'
import type { Bench } from '../../ingest/bench.ts'
import { sleep } from '../../ingest/child.ts'
import { atMost } from '../../ingest/criterion.ts'
import { Rounds } from '../../ingest/rounds.ts'
import type { Row } from '../../ingest/row.ts'
import { WrongAnswer } from '../../ingest/wrong-answer.ts'
import { quickMetrics, type PointSet } from '../point-set.ts'
import { checkValues } from '../stored-points.ts'

const SEED = 3
/** 11 kinds of signals: a few more than 1,000 series. */
const PER_KIND = 91
const SERIES_SUMMED = 1_000
const HOUR_MS = 3_600_000
const HOURS = 24
/** Stops on the way: as many blocks, which the next start merges. */
const STOPS = 4
const MERGED_DEADLINE_MS = 60_000
const REPEATS = 30
/** They are short: until all that they need is compiled takes some of them. */
const ONE_SERIES_REPEATS = 500

const MOST_ONE_SERIES_MS = 0.3
const MOST_RECENT_MS = 15
const MOST_OLD_MS = 60

interface Stored {
  readonly path: string
  readonly set: PointSet
  readonly series: readonly SeriesIdentity[]
}

export const oneSeries: Row = {
  name: 'one-series',
  about: 'one series of 1,000, 24 h at 10 s, read out of a merged block; ms of CPU',
  run: (bench) => {
    // None is measured that was read before, while all was compiled.
    let next = 0
    return withStore(bench, async (stored, reader, rounds) => {
      const { set } = stored
      for (let repeat = 0; repeat < ONE_SERIES_REPEATS; repeat++) {
        const place = (next++ * 37) % set.series.length
        const range = { startMs: set.startMs, endMs: set.startMs + HOURS * HOUR_MS }
        const { name, values } = set.series[place] ?? { name: '', values: new Float64Array(0) }
        // What is read a second time is kept unpacked for the third.
        for (const figure of ['oneSeriesMs', 'secondTimeMs', 'thirdTimeMs']) {
          const columns: Float64Array[] = []
          const ms = await cpuMs(() => readInto(reader, stored, { places: [place], range }, columns))
          checkValues(name, columns[0] ?? new Float64Array(0), values.subarray(0, HOURS * 360))
          rounds.add({ [figure]: ms })
        }
      }
      return [atMost(MOST_ONE_SERIES_MS, 'one series, 24 h at 10 s, ms', rounds.median('oneSeriesMs'))]
    })
  },
}

export const thousandSeries: Row = {
  name: 'thousand-series',
  about: '1,000 series x 1 h at 10 s into one sum: what came last, and what is in a merged block; ms of CPU',
  run: (bench) =>
    withStore(bench, async (stored, reader, rounds) => {
      const places = Array.from({ length: SERIES_SUMMED }, (_, place) => place)
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        for (const [figure, hour] of [
          ['oldMs', repeat % 20],
          ['recentMs', HOURS],
        ] as const) {
          const startMs = stored.set.startMs + hour * HOUR_MS
          const columns: Float64Array[] = []
          let sum = new Float64Array(0)
          const ms = await cpuMs(async () => {
            await readInto(reader, stored, { places, range: { startMs, endMs: startMs + HOUR_MS } }, columns)
            sum = sumOf(columns)
          })
          checkValues(figure, sum, sumOf(places.map((place) => hourOf(stored.set, place, hour))))
          rounds.add({ [figure]: ms })
        }
      }
      return [
        atMost(MOST_RECENT_MS, 'the last hour, ms', rounds.median('recentMs')),
        atMost(MOST_OLD_MS, 'an hour in a merged block, ms', rounds.median('oldMs')),
      ]
    }),
}

async function withStore(
  bench: Bench,
  action: (stored: Stored, reader: EngineReader, rounds: Rounds) => Promise<ReturnType<typeof atMost>[]>,
) {
  // Each row has a store of its own: the hour that is in no block for one would be in one for the next.
  const stored = await fillStore(join(bench.place(), 'data'))
  const store = await openStore(stored.path)
  try {
    const blocks = await mergedBlocks(stored.path)
    // The last hour is in no block yet.
    append(store, stored, { startHour: HOURS, endHour: HOURS + 1 })
    const reader = openReader(store.engine.share())
    const rounds = new Rounds()
    await action(stored, reader, new Rounds())
    const criteria = await action(stored, reader, rounds)
    await reader.close()
    return { figures: { series: stored.series.length, blocks, ...rounds.spreads() }, criteria }
  } finally {
    await store.close()
  }
}

function openStore(path: string) {
  return openEmbeddedStore({ path, rules: keptAsTheyCome(3_650 * 24 * HOUR_MS) })
}

async function fillStore(path: string): Promise<Stored> {
  const set = quickMetrics(SEED, PER_KIND, (HOURS + 1) * 360)
  const stored = { path, set, series: set.series.map(({ name }) => untypedIdentity(name)) }
  for (let stop = 0; stop < STOPS; stop++) {
    const store = await openStore(path)
    append(store, stored, { startHour: (stop * HOURS) / STOPS, endHour: ((stop + 1) * HOURS) / STOPS })
    await store.close()
  }
  return stored
}

function append(
  { engine }: Awaited<ReturnType<typeof openStore>>,
  { set, series }: Stored,
  { startHour, endHour }: { readonly startHour: number; readonly endHour: number },
): void {
  for (let step = startHour * 360; step < endHour * 360; step++) {
    const timeMs = set.startMs + step * set.stepMs
    const values = Float64Array.from(set.series, (one) => one.values[step] ?? 0)
    engine.appendFlush({ timeMs, series, values })
  }
}

/** How many blocks there are once no more become one. */
async function mergedBlocks(path: string): Promise<number> {
  const count = () => readdirSync(join(path, 'blocks')).filter((name) => name.endsWith('.block')).length
  const deadline = performance.now() + MERGED_DEADLINE_MS
  while (count() >= STOPS && performance.now() < deadline) await sleep(50)
  return count()
}

async function readInto(
  reader: EngineReader,
  { set, series }: Stored,
  { places, range }: { readonly places: readonly number[]; readonly range: TimeRange },
  columns: Float64Array[],
): Promise<void> {
  const wanted = places.flatMap((place) => series[place] ?? [])
  for await (const { values } of reader.read({ series: wanted, range, stepMs: set.stepMs }))
    columns.push(values)
}

function sumOf(columns: readonly Float64Array[]): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(columns[0]?.length ?? 0)
  for (const column of columns)
    for (let slot = 0; slot < sum.length; slot++) sum[slot] = (sum[slot] ?? 0) + (column[slot] ?? 0)
  return sum
}

function hourOf({ series }: PointSet, place: number, hour: number): Float64Array {
  const values = series[place]?.values
  if (values === undefined) throw new WrongAnswer(`there is no series ${place}`)
  return values.subarray(hour * 360, (hour + 1) * 360)
}

async function cpuMs(action: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1_000
}
