// The way of a timer's values from a flush to a percentile of a month, without a process around it.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../src/lib/clock.ts'
import { IntervalMerger } from '../src/aggregator/index.ts'
import { FakeClock } from '../src/lib/fake-clock.ts'
import type { FlushBatch } from '../src/model/flush-batch.ts'
import { type EvaluationContext, evaluateTargets } from '../src/query/graphite/evaluate.ts'
import { DEFAULT_QUERY_LIMITS } from '../src/query/query-limits.ts'
import { UTC } from '../src/query/testdata/utc.ts'
import { createStoreSink } from '../src/sinks/store.ts'
import type { StoreAccess } from '../src/store/access.ts'
import { packerHere, unsyncedFiles } from '../src/store/embedded/testdata/log-fixture.ts'
import { openEmbeddedStore, type OpenStore, unpackSeries, verifyStore } from '../src/store/index.ts'
import { createRuleBook, createSeriesLevels, type RuleBookSource } from '../src/store/rules/index.ts'
import { deleteSeries } from '../src/workers/delete-series.ts'
import { Random } from './harness/random.ts'

const FLUSH_MS = 3 * 3_600_000
const DAY_MS = 8 * FLUSH_MS
const START_MS = 19_700 * DAY_MS
const DAYS = 30
const END_MS = START_MS + DAYS * DAY_MS
const RULES: RuleBookSource = {
  defaultRetentions: [
    { stepSeconds: 10_800, retentionSeconds: 2 * 86_400 },
    { stepSeconds: 21_600, retentionSeconds: 10 * 86_400 },
    { stepSeconds: 86_400, retentionSeconds: 400 * 86_400 },
  ],
}
const HOSTS = ['web1', 'web2', 'web3'] as const
/** Half a bucket. */
const ERROR = 0.011

interface Value {
  readonly host: string
  readonly timeMs: number
  readonly value: number
}

const path = mkdtempSync(join(tmpdir(), 'kymo-sketches-'))
const crashedPath = mkdtempSync(join(tmpdir(), 'kymo-sketches-'))
const clock = new FakeClock(START_MS)
const known: Value[] = []
/** Of the timer that has tags. */
const knownTagged: Value[] = []
const batches: FlushBatch[] = []
let store: OpenStore

const open = (at: string, openClock = clock): Promise<OpenStore> =>
  openEmbeddedStore({ path: at, clock: openClock, rules: RULES, files: unsyncedFiles, packer: packerHere() })

beforeAll(async () => {
  store = await open(path)
  const sink = createStoreSink({ ...store, clock: systemClock })
  const random = new Random(7)
  const merger = new IntervalMerger({
    intervalMs: FLUSH_MS,
    timerExactValues: 20,
    wishes: () => ({ areSketchesWanted: true }),
  })
  const timers = merger.metrics('timer')
  for (let endMs = START_MS + FLUSH_MS; endMs <= END_MS; endMs += FLUSH_MS) {
    for (const [index, host] of HOSTS.entries()) {
      // The third is past the exact values, and ten times as slow.
      const values = Float64Array.from({ length: [4, 12, 40][index] ?? 0 }, () => {
        const normal = random.next() + random.next() + random.next() + random.next() - 2
        return 20 * 10 ** (normal * 1.5) * (index === 2 ? 10 : 1)
      })
      timers.at(timers.hold(`${host}.api`)).addAll(values, undefined)
      for (const value of values) known.push({ host, timeMs: endMs, value })
    }
    const tagged = Float64Array.of(1 + random.next(), 5 * random.next())
    timers.at(timers.hold('api;dc=eu')).addAll(tagged, undefined)
    for (const value of tagged) knownTagged.push({ host: '', timeMs: endMs, value })
    const batch = merger.close(endMs)
    batches.push(batch)
    await sink.flush(batch)
    if (endMs === START_MS + 20 * DAY_MS) cpSync(path, crashedPath, { recursive: true })
    clock.advance(FLUSH_MS)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
}, 120_000)

afterAll(async () => {
  await store.close()
  rmSync(path, { recursive: true })
  rmSync(crashedPath, { recursive: true })
})

function accessOf({ catalog, engine }: OpenStore, nowMs: number): StoreAccess {
  return {
    findNodes: () => Promise.reject(new Error('nobody asks')),
    findSeries: async (pattern, limit) => unpackSeries(await catalog.answers.findSeries(pattern, limit)),
    findSeriesByTags: async (expressions, limit) =>
      unpackSeries(await catalog.answers.findSeriesByTags(expressions, limit)),
    tags: () => Promise.reject(new Error('nobody asks')),
    tagValues: () => Promise.reject(new Error('nobody asks')),
    metrics: () => Promise.reject(new Error('nobody asks')),
    reader: engine,
    levels: createSeriesLevels(createRuleBook(RULES), { nowMs: () => nowMs }),
  }
}

async function ask(target: string, changes: Partial<EvaluationContext> = {}) {
  const [series, ...others] = await evaluateTargets([target], {
    access: accessOf(store, END_MS),
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    fromSeconds: START_MS / 1_000,
    untilSeconds: END_MS / 1_000,
    stepSeconds: 10_800,
    nowSeconds: END_MS / 1_000,
    timeZone: UTC,
    ...changes,
  })
  expect(others).toEqual([])
  if (series === undefined) throw new Error('no series came')
  return series
}

/** Each point of the series is the percentile of all values that there were in it. Returns how many have a value. */
function expectRight(
  series: Awaited<ReturnType<typeof ask>>,
  n: number,
  values: readonly Value[] = known,
): number {
  let found = 0
  for (const [slot, answer] of series.values.entries()) {
    const startMs = (series.startSeconds + slot * series.stepSeconds) * 1_000
    const ascending = values
      .filter(({ timeMs }) => timeMs >= startMs && timeMs < startMs + series.stepSeconds * 1_000)
      .map(({ value }) => value)
      .sort((a, b) => a - b)
    if (ascending.length === 0) {
      expect(answer, `slot ${slot}`).toBeNaN()
      continue
    }
    found++
    const exact = ascending[Math.max(1, Math.round((n / 100) * ascending.length)) - 1] ?? 0
    expect(Math.abs(answer - exact) / exact, `slot ${slot}: ${answer} for ${exact}`).toBeLessThan(ERROR)
  }
  return found
}

const ofHosts =
  (...hosts: string[]) =>
  ({ host }: Value) =>
    hosts.includes(host)

describe('a percentile of all values', () => {
  test.each([50, 90, 99, 99.9, 100, 0.01])('of three hosts, p%d of each day of a month', async (n) => {
    const series = await ask(`timerPercentile(stats.timers.*.api.sketch.*,${n},"1d")`)
    expect(expectRight(series, n)).toBe(DAYS + 1)
  })

  test('of a whole month, of one host and of all', async () => {
    for (const [hosts, pattern] of [
      [['web1'], 'web1'],
      [['web2', 'web3'], '{web2,web3}'],
      [HOSTS, '*'],
    ] as const) {
      const series = await ask(`timerPercentile(stats.timers.${pattern}.api.sketch.*,99,"40d",true)`)
      expect(expectRight(series, 99, known.filter(ofHosts(...hosts)))).toBe(1)
    }
  })

  test('of a timer with tags, under whatever names', async () => {
    for (const tail of ['', '|aliasByTags("dc")', '|timeShift("0s")']) {
      const target = `seriesByTag("name=~stats.timers.api.sketch..*", "dc=eu")${tail}|timerPercentile(99, "1d")`
      expect(expectRight(await ask(target), 99, knownTagged)).toBe(DAYS + 1)
    }
  })

  test('is not the percentile of percentiles', async () => {
    const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,90,"40d",true)')
    const mean = await ask('averageSeries(stats.timers.*.api.upper_90)')
    const wrong = mean.values.reduce((sum, value) => sum + value, 0) / mean.values.length
    expect(Math.abs(wrong / (series.values[0] ?? 0) - 1)).toBeGreaterThan(5 * ERROR)
  })

  test('in as many points as are wanted', async () => {
    for (const maxDataPoints of [1, 2, 7, 100, 10_000]) {
      const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,95)', { maxDataPoints })
      expect(series.values.length).toBeLessThanOrEqual(Math.max(2, maxDataPoints))
      expect(expectRight(series, 95)).toBeGreaterThan(0)
    }
  })

  test('of what is not rolled up yet', async () => {
    const fromSeconds = END_MS / 1_000 - 86_400
    const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,75)', { fromSeconds })
    expect(series.stepSeconds).toBe(10_800)
    expect(expectRight(series, 75)).toBeGreaterThan(7)
  })

  test('whatever rules say of the slots of all series', async () => {
    const rules = createRuleBook({
      ...RULES,
      aggregations: {
        path: 'a.conf',
        text: '[all]\npattern = .*\nxFilesFactor = 0.9\naggregationMethod = average\n',
      },
    })
    const access = { ...accessOf(store, END_MS), levels: createSeriesLevels(rules, { nowMs: () => END_MS }) }
    const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,99,"2d")', { access })
    expect(expectRight(series, 99)).toBeGreaterThan(14)
  })

  test('of more buckets than a query may read series, for together they are few timers', async () => {
    const target = 'timerPercentile(stats.timers.*.api.sketch.*,99,"1d")'
    const buckets = store.catalog.findSeries('stats.timers.*.api.sketch.*', 10_000).length
    const most = { ...DEFAULT_QUERY_LIMITS, maxSeries: 10 }
    expect(buckets).toBeGreaterThan(200)
    expectRight(await ask(target, { limits: most }), 99)
    await expect(ask(target, { limits: { ...most, maxSeries: 1 } })).rejects.toMatchObject({
      code: 'too-many-results',
    })
    await expect(ask('stats.timers.*.api.*', { limits: most })).rejects.toMatchObject({
      code: 'too-many-results',
    })
  })

  test.each([
    ['timerPercentile(stats.timers.web1.api.count,99)', 'no bucket'],
    ['timerPercentile(sumSeries(stats.timers.web1.api.sketch.*),99)', 'no bucket'],
    ['timerPercentile(stats.timers.web1.api.sketch.*,0)', 'above 0'],
    ['timerPercentile(stats.timers.web1.api.sketch.*,101)', 'at most 100'],
    ['timerPercentile(stats.timers.web1.api.sketch.*,99,"-1h")', 'longer than nothing'],
  ])('%s is refused', async (target, reason) => {
    await expect(ask(target)).rejects.toMatchObject({ code: 'argument-invalid' })
    await expect(ask(target)).rejects.toThrow(reason)
  })

  test('of a period that is longer than there are times ends as other queries do', async () => {
    const target = 'timerPercentile(stats.timers.*.api.sketch.*,99,"3000000007s",true)'
    const series = await ask(target)
    expect(series.values).toHaveLength(1)
  })
})

describe('what is kept', () => {
  test('goes to the store, and to no other sink', () => {
    const [batch] = batches
    expect(batch?.series.some(({ statistic }) => statistic === 'bucket')).toBe(false)
    expect(batch?.sketches?.values.reduce((sum, weight) => sum + weight, 0)).toBe(4 + 12 + 40 + 2)
  })

  test('is there after a crash in the middle of the month', async () => {
    const crashedMs = START_MS + 20 * DAY_MS
    const crashed = await open(crashedPath, new FakeClock(crashedMs))
    try {
      const access = accessOf(crashed, crashedMs)
      const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,99,"1d")', {
        access,
        untilSeconds: crashedMs / 1_000,
        nowSeconds: crashedMs / 1_000,
      })
      expect(
        expectRight(
          series,
          99,
          known.filter(({ timeMs }) => timeMs <= crashedMs),
        ),
      ).toBe(21)
    } finally {
      await crashed.close()
    }
  })

  test('goes with the counts of the timer, in part and as a whole, and the rest is undamaged', async () => {
    const cutMs = START_MS + 15 * DAY_MS
    const remove = (patterns: string[], startMs: number) =>
      deleteSeries(store, {
        patterns,
        expressions: [],
        range: { startMs, endMs: Number.POSITIVE_INFINITY },
        isDryRun: false,
      })
    const before = store.catalog.seriesCount
    await remove(['stats.timers.web1.api.upper_90'], Number.NEGATIVE_INFINITY)
    expect(store.catalog.seriesCount).toBe(before - 1)
    await remove(['stats.timers.web3.api.*'], cutMs)
    await remove(['stats.timers.web2.api.*'], Number.NEGATIVE_INFINITY)
    const left = known.filter(({ host, timeMs }) => host === 'web1' || (host === 'web3' && timeMs < cutMs))
    const series = await ask('timerPercentile(stats.timers.*.api.sketch.*,99,"1d")')
    expect(expectRight(series, 99, left)).toBe(DAYS + 1)
    expect(store.catalog.findSeries('stats.timers.web2.**', 10_000)).toEqual([])
    await store.close()
    const { files, tiers } = verifyStore({ path, repairs: false })
    expect(tiers.length).toBeGreaterThan(0)
    expect([files, ...tiers.map((tier) => tier.files)].flat().flatMap(({ damages }) => damages)).toEqual([])
    store = await open(path)
    expect(expectRight(await ask('timerPercentile(stats.timers.*.api.sketch.*,99,"1d")'), 99, left)).toBe(
      DAYS + 1,
    )
  })

  test('counts where it belongs if it comes late, also where all was rolled up long ago', async () => {
    const day = { startMs: START_MS + 5 * DAY_MS, endMs: START_MS + 6 * DAY_MS }
    const target = 'timerPercentile(stats.timers.*.late.sketch.*,50,"1d")'
    const tell = async (host: string, value: number, timeMs: number) => {
      const merger = new IntervalMerger({
        intervalMs: FLUSH_MS,
        wishes: () => ({ areSketchesWanted: true }),
      })
      const timers = merger.metrics('timer')
      timers.at(timers.hold(`${host}.late`)).addAll(Float64Array.of(value, value, value), undefined)
      const { sketches } = merger.close(timeMs)
      if (sketches === undefined) throw new Error('there is no sketch')
      const timesMs = new Float64Array(sketches.values.length).fill(timeMs)
      const { series, values } = sketches
      const rows = Uint32Array.from(series.keys())
      createStoreSink({ ...store, clock: systemClock }).points({
        kind: 'indexed',
        series,
        rows,
        timesMs,
        values,
      })
    }
    const asked = async () => {
      const [fromSeconds, untilSeconds] = [day.startMs / 1_000, day.endMs / 1_000 - 1]
      const { values } = await ask(target, { fromSeconds, untilSeconds })
      return values[0] ?? Number.NaN
    }
    const reopen = async () => {
      await store.close()
      store = await open(path)
    }
    await tell('web1', 10, day.startMs + 2 * FLUSH_MS)
    await reopen()
    expect(Math.abs((await asked()) / 10 - 1)).toBeLessThan(ERROR)
    // More of them, and elsewhere in the same slot of the coarsest tier.
    await tell('web2', 1_000, day.startMs + 3 * FLUSH_MS)
    await tell('web3', 1_000, day.startMs + 4 * FLUSH_MS)
    await reopen()
    expect(Math.abs((await asked()) / 1_000 - 1)).toBeLessThan(ERROR)
  })
})
