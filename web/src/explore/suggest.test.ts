import { expect, test } from 'vitest'
import type { FunctionEntry, MetricEntry } from '../api.ts'
import { mainSeries } from '../main-series.ts'
import { firstSentence, parameterAt } from './suggest.ts'

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
