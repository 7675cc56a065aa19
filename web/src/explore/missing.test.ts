import { expect, test } from 'vitest'
import type { MetricEntry } from '../api.ts'
import { explainMissing, nearestNames } from './missing.ts'

const orders: MetricEntry = {
  key: 'shop.orders',
  type: 'counter',
  firstSeenMs: 1_000_000,
  lastSeenMs: 2_000_000,
  series: [
    { key: 'stats.counters.shop.orders.rate', statistic: 'rate' },
    { key: 'stats.counters.shop.orders.count', statistic: 'count' },
  ],
}
const span = { fromSeconds: 1000, untilSeconds: 3000 }

test.each([
  ['shop.order', ['stats.counters.shop.orders.rate']],
  ['stats.counters.shop.orders.cout', ['stats.counters.shop.orders.count']],
  ['something.else.altogether', []],
])('nearest to %s', (path, names) => {
  expect(nearestNames(path, [orders])).toEqual(names)
})

test('a path that nobody has', () => {
  expect(explainMissing(['shop.order'], () => false, [orders], span)).toMatchObject({
    kind: 'never-seen',
    path: 'shop.order',
  })
})

test('a series of another time', () => {
  const [path = ''] = orders.series.map(({ key }) => key)
  expect(explainMissing([path], () => true, [orders], { fromSeconds: 5000, untilSeconds: 6000 })).toEqual({
    kind: 'outside-range',
    path,
    firstSeenMs: 1_000_000,
    lastSeenMs: 2_000_000,
  })
  expect(explainMissing([path], () => true, [orders], span)).toEqual({ kind: 'empty' })
})
