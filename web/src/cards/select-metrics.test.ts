import { expect, test } from 'vitest'
import type { MetricEntry } from '../api.ts'
import { selectMetrics } from './select-metrics.ts'

const metrics = ['statsd.lag', 'shop.b', 'shop.a', '__proto__'].map(
  (key): MetricEntry => ({ key, type: 'gauge', firstSeenMs: 0, lastSeenMs: 0, series: [] }),
)

function select(query: string, showsOwn: boolean) {
  const { shown, ownCount } = selectMetrics(metrics, query, showsOwn)
  return [shown.map((metric) => metric.key), ownCount]
}

test('the order stays, and Kymo’s own come last and when asked for', () => {
  expect(select('', false)).toEqual([['shop.b', 'shop.a', '__proto__'], 1])
  expect(select('', true)).toEqual([['shop.b', 'shop.a', '__proto__', 'statsd.lag'], 1])
})

test('the search leaves what it finds', () => {
  expect(select(' SHOP ', false)).toEqual([['shop.b', 'shop.a'], 0])
  expect(select('lag', false)).toEqual([[], 1])
  expect(select('__proto__', false)).toEqual([['__proto__'], 0])
})
