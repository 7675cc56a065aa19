import { expect, test } from 'vitest'
import type { CatalogEntry } from '../store/catalog.ts'
import type { ReadRequest } from '../store/engine.ts'
import { createRuleBook, createSeriesLevels } from '../store/rules/index.ts'
import { untypedIdentity } from '../model/untyped-identity.ts'
import { evaluateTargets } from './graphite/evaluate.ts'
import { DEFAULT_QUERY_LIMITS } from './query-limits.ts'
import { findTimeZone } from './time-zone.ts'

const DAY = 86_400
const NOW = 1_700_006_400
const schemas = { path: 'schemas', text: '[own]\npattern = ^own\nretentions = 30s:1d,1h:5y\n' }
const defaultRetentions = [
  { stepSeconds: 10, retentionSeconds: 7 * DAY },
  { stepSeconds: 60, retentionSeconds: 90 * DAY },
]
const levels = createSeriesLevels(createRuleBook({ schemas, defaultRetentions }), {
  nowMs: () => NOW * 1_000,
})

/** Each slot of a series has the seconds of its beginning. */
async function evaluate(target: string, agoSeconds: number, lengthSeconds: number, isStitched = false) {
  const requests: ReadRequest[] = []
  const keys = ['a.count', 'own.b']
  const timeZone = findTimeZone('UTC')
  if (timeZone === undefined) throw new Error('there is no UTC')
  const series = await evaluateTargets([target], {
    access: {
      levels,
      findNodes: async () => [],
      findSeries: async (pattern): Promise<CatalogEntry[]> =>
        keys
          .filter((key) => pattern === '*.*' || key === pattern)
          .map((key) => ({ identity: untypedIdentity(key), firstSeenMs: 0, lastSeenMs: NOW * 1_000 })),
      findSeriesByTags: async () => [],
      tags: async () => [],
      tagValues: async () => [],
      metrics: async () => [],
      reader: {
        async *read(request) {
          requests.push(request)
          const { startMs, endMs } = request.range
          for (const { key } of request.series) {
            const count = (endMs - startMs) / request.stepMs
            const values = Float64Array.from(
              { length: count },
              (_, slot) => startMs / 1_000 + (slot * request.stepMs) / 1_000,
            )
            yield { key, startMs, stepMs: request.stepMs, values }
          }
        },
        close: async () => {},
      },
    },
    limits: DEFAULT_QUERY_LIMITS,
    signal: new AbortController().signal,
    fromSeconds: NOW - agoSeconds,
    untilSeconds: NOW - agoSeconds + lengthSeconds,
    stepSeconds: 10,
    nowSeconds: NOW,
    isStitched,
    timeZone,
  })
  return { series, requests }
}

test('each series comes from the level that its rules and the age say', async () => {
  const { series, requests } = await evaluate('*.*', 30 * DAY, 2 * DAY)
  expect(series.map(({ name, stepSeconds, values }) => [name, stepSeconds, values.length])).toEqual([
    ['a.count', 60, (2 * DAY) / 60],
    ['own.b', 3_600, (2 * DAY) / 3_600],
  ])
  expect(requests.map(({ series: [one], stepMs }) => [one?.rollup, one?.tierStepsMs, stepMs])).toEqual([
    ['sum', [60_000], 60_000],
    ['mean', [3_600_000], 3_600_000],
  ])
})

test('what is older than anything that is kept is not asked for', async () => {
  const { series } = await evaluate('a.count', 1_000 * DAY, 1_000 * DAY)
  expect(series[0]?.startSeconds).toBe(NOW - 90 * DAY + 60)
})

test('consolidateBy says how tiers make fewer points of many, and nothing of points as they came', async () => {
  const { requests: old } = await evaluate("consolidateBy(a.count, 'max')", 30 * DAY, DAY)
  expect(old[0]?.series[0]?.rollup).toBe('max')
  const { requests: recent } = await evaluate("consolidateBy(a.count, 'max')", DAY, DAY)
  expect(recent[0]?.series[0]?.rollup).toBe('sum')
})

test('points of a moving window are those of the level that is read', async () => {
  const { series, requests } = await evaluate('movingAverage(a.count, 5)', 30 * DAY, 3_600)
  expect(series[0]?.stepSeconds).toBe(60)
  expect(series[0]?.values[0]).toBe(NOW - 30 * DAY + 60 - 2 * 60)
  expect(requests.at(-1)?.range.startMs).toBe((NOW - 30 * DAY - 5 * 60 + 60) * 1_000)
})

test('stitched, each part comes from the finest level that has it, in the finest step', async () => {
  const { series, requests } = await evaluate('a.count', 10 * DAY, 5 * DAY, true)
  expect(
    requests.map(({ stepMs, range: { startMs, endMs } }) => [stepMs, (endMs - startMs) / 1_000]),
  ).toEqual([
    [60_000, 3 * DAY],
    [10_000, 2 * DAY + 10],
  ])
  const { stepSeconds, startSeconds, values } = series[0] ?? { values: [] }
  expect([stepSeconds, startSeconds, values.length]).toEqual([10, NOW - 10 * DAY + 10, (5 * DAY) / 10])
  // A sixth of the sum of the minute in each, and as it is where it came so.
  expect(values[5]).toBe((NOW - 10 * DAY + 60) / 6)
  expect(values.at(-1)).toBe(NOW - 5 * DAY)
})

test('stitched, what is older than the finest level alone comes in its own step', async () => {
  const { series, requests } = await evaluate('a.count', 30 * DAY, DAY, true)
  expect(requests.map(({ stepMs }) => stepMs)).toEqual([60_000])
  expect(series[0]?.stepSeconds).toBe(60)
})
