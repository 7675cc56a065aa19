import { expect, test } from 'vitest'
import type { MetricEntry } from '../api.ts'
import { HOME } from '../route.ts'
import { findAll } from './found.ts'

const orders: MetricEntry = {
  key: 'shop.api.orders;env=prod',
  type: 'counter',
  firstSeenMs: 0,
  lastSeenMs: 0,
  series: [{ key: 'stats.counters.shop.api.orders.rate;env=prod', statistic: 'rate' }],
}

test.each([
  ['stat', [['page', '#/status']]],
  ['shop', ['dashboard', 'dashboard', 'metric']],
  ['api ord', [['metric', '#/explore?t=stats.counters.shop.api.orders.rate%3Benv%3Dprod']]],
  ['nothing of that', []],
])('%j', (query, expected) => {
  const found = findAll(query, [orders], HOME)
  expect(
    found.map(({ kind, address }, index) => (Array.isArray(expected[index]) ? [kind, address] : kind)),
  ).toEqual(expected)
})
