import { afterEach, expect, test, vi } from 'vitest'
import type { FunctionEntry, MetricEntry } from '../api.ts'
import { mainSeries } from '../main-series.ts'
import { firstSentence, parameterAt, suggest } from './suggest.ts'

const summarize: FunctionEntry = {
  name: 'summarize',
  description: 'Merges points. By an interval.\n\n.. code-block:: none',
  params: [
    { name: 'seriesList', type: 'seriesList', required: true },
    { name: 'nodes', type: 'node', multiple: true },
  ],
}

test.each([
  [0, 'seriesList'],
  [1, 'nodes'],
  [5, 'nodes'],
])('argument %j belongs to %j', (argument, name) => {
  const place = { word: '', start: 0, call: { name: 'summarize', argument }, isInText: false }
  expect(parameterAt(place, new Map([['summarize', summarize]]))?.name).toBe(name)
})

test('an unknown function has no parameters', () => {
  const place = { word: '', start: 0, call: { name: 'constructor', argument: 0 }, isInText: false }
  expect(parameterAt(place, new Map())).toBeUndefined()
})

test('the series to look at first', () => {
  const metric: MetricEntry = {
    key: 'a',
    type: 'counter',
    firstSeenMs: 0,
    lastSeenMs: 0,
    series: [
      { key: 'stats.counters.a.count', statistic: 'count' },
      { key: 'stats.counters.a.rate', statistic: 'rate' },
    ],
  }
  expect(mainSeries(metric)).toBe('stats.counters.a.rate')
  expect(mainSeries({ ...metric, series: [] })).toBeUndefined()
})

test('the first sentence', () => {
  expect(firstSentence(summarize.description)).toBe('Merges points.')
})

afterEach(() => vi.unstubAllGlobals())

test('as many as can be looked through are listed, and how many more there are is said', async () => {
  const nodes = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ path: `a.node${i}`, is_leaf: '1' }))
  const place = { word: 'a.no', start: 0, call: null, isInText: false }
  const list = async (count: number) => {
    vi.stubGlobal('fetch', async () => Response.json({ metrics: nodes(count) }))
    return await suggest(place, new Map(), [], new AbortController().signal)
  }
  const many = await list(63)
  expect([many.list.length, many.list.at(-1)?.label, many.moreCount]).toEqual([50, 'a.node49', 13])
  expect((await list(3)).moreCount).toBe(0)
})

test('functions do not push out the paths, nor paths the functions', async () => {
  const functions = new Map(
    Array.from({ length: 20 }, (_, i) => [`sum${i}`, { ...summarize, name: `sum${i}` }] as const),
  )
  vi.stubGlobal('fetch', async () => Response.json({ metrics: [{ path: 'sums.', is_leaf: '0' }] }))
  const place = { word: 'sum', start: 0, call: null, isInText: false }
  const { list } = await suggest(place, functions, [], new AbortController().signal)
  expect(list.findIndex(({ kind }) => kind === 'branch')).toBe(9)
  expect(list).toHaveLength(21)
})
