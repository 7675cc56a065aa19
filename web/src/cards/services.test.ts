import { expect, test } from 'vitest'
import type { MetricEntry, MetricKind } from '../api.ts'
import { servicesOf } from './services.ts'

function metric(key: string, type: MetricKind, firstSeenMs: number, lastSeenMs = firstSeenMs): MetricEntry {
  return { key, type, firstSeenMs, lastSeenMs, series: [] }
}

const METRICS = [
  metric('shop.basket', 'gauge', 1_000, 9_000),
  metric('shop.orders;env=prod', 'counter', 2_000),
  metric('shop.visits', 'gauge', 3_000),
  metric('mail.sent', 'counter', 5_000),
  metric('lonely', 'counter', 8_000),
  metric('statsd.numStats', 'gauge', 9_000),
]

test('a service for each first node, the one that came last first', () => {
  expect(servicesOf(METRICS)).toMatchObject([
    { name: 'mail', metricCount: 1, firstSeenMs: 5_000 },
    { name: 'shop', metricCount: 3, firstSeenMs: 1_000, lastSeenMs: 9_000 },
  ])
})

test('types by their number, and what happens as its pulse', () => {
  const shop = servicesOf(METRICS)[1]
  expect(shop?.types).toEqual([
    { type: 'gauge', count: 2 },
    { type: 'counter', count: 1 },
  ])
  expect(shop?.pulse.key).toBe('shop.orders;env=prod')
  const failing = servicesOf([...METRICS, metric('shop.errors', 'counter', 6_000)])
  expect(failing.find(({ name }) => name === 'shop')?.pulse.key).toBe('shop.orders;env=prod')
})

test('what says its service by a tag belongs to it, whatever its name, with the environments it runs in', () => {
  const services = servicesOf([
    metric('http.requests;env=prod;service=shop', 'counter', 3_000),
    metric('queue.depth;app=mail', 'gauge', 1_000),
    metric('alone;env=dev;service=shop', 'gauge', 2_000),
    metric('shop.orders', 'counter', 4_000),
    metric('http.errors;service=', 'counter', 5_000),
  ])
  expect(services.map(({ name, prefix, environments }) => [name, prefix, environments])).toEqual([
    ['http', 'http', []],
    ['shop', 'shop', []],
    ['shop', ';service=shop', ['dev', 'prod']],
    ['mail', ';app=mail', []],
  ])
})

test('the same metrics in another order give the same', () => {
  expect(servicesOf(METRICS.toReversed())).toEqual(servicesOf(METRICS))
})
