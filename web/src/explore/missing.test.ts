import { expect, test } from 'vitest'
import type { MetricEntry, RejectionSample } from '../api.ts'
import { statusReport } from '../testdata/status-report.ts'
import { explainMissing, hintsFor, nearestNames } from './missing.ts'

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

const evidence = { metrics: [orders], rejections: [], status: null }

test('a path that nobody has', () => {
  expect(explainMissing(['shop.order'], () => false, evidence, span)).toMatchObject({
    kind: 'never-seen',
    path: 'shop.order',
  })
})

test('a series of another time', () => {
  const [path = ''] = orders.series.map(({ key }) => key)
  expect(explainMissing([path], () => true, evidence, { fromSeconds: 5000, untilSeconds: 6000 })).toEqual({
    kind: 'outside-range',
    path,
    firstSeenMs: 1_000_000,
    lastSeenMs: 2_000_000,
  })
  expect(explainMissing([path], () => true, evidence, span)).toEqual({ kind: 'empty' })
})

test('a pattern is of another time when all that it names are', () => {
  const later = { fromSeconds: 5000, untilSeconds: 6000 }
  const pattern = 'stats.counters.{shop,store}.*.count'
  const carts = {
    ...orders,
    key: 'shop.carts',
    lastSeenMs: 3_000_000,
    series: [{ key: 'stats.counters.shop.carts.count', statistic: 'count' as const }],
  }
  const of = (metrics: MetricEntry[]) =>
    explainMissing([pattern], () => true, { ...evidence, metrics }, later)
  expect(of([orders, carts])).toMatchObject({ kind: 'outside-range', lastSeenMs: 3_000_000 })
  expect(of([orders, { ...carts, lastSeenMs: 5_500_000 }])).toEqual({ kind: 'empty' })
})

test('a series whose first point is later than now', () => {
  const status = statusReport({ nowMs: 500_000 })
  const past = { fromSeconds: 100, untilSeconds: 500 }
  const path = 'stats.counters.shop.orders.rate'
  expect(explainMissing([path], () => true, { ...evidence, status }, past)).toEqual({
    kind: 'clock-ahead',
    path,
    aheadMs: 500_000,
  })
})

test('points that are not kept for their time', () => {
  const refused = { key: 'room.warmth', timeMs: 9_000_000, atMs: 1_000_000 }
  const status = statusReport({ store: { refusedTimes: [refused] } })
  const of = (path: string, isKnown: boolean) =>
    explainMissing([path], () => isKnown, { ...evidence, status }, span)
  for (const isKnown of [true, false])
    expect(of('room.*', isKnown)).toEqual({ kind: 'refused-time', path: 'room.*', refused })
  expect(of('room.cold', false).kind).toBe('never-seen')
})

test('a series whose lines were rejected, and one of another name', () => {
  const rejection: RejectionSample = {
    atMs: 1_000_000,
    line: 'shop.carts:x|c',
    reason: 'bad_number',
    sender: '127.0.0.1:5000',
    listener: 'statsd.udp',
  }
  const of = (path: string) =>
    explainMissing([path], () => false, { ...evidence, rejections: [rejection] }, span)
  expect(of('stats.counters.shop.carts.rate')).toMatchObject({ kind: 'rejected', rejection })
  expect(of('shop.carts2').kind).toBe('never-seen')
})

test('what was refused of what is missing: lines of that name, and what is below a limit', () => {
  const rejection: RejectionSample = {
    atMs: 1_000_000,
    line: 'shop.carts:x|c',
    reason: 'bad_number',
    sender: '127.0.0.1:5000',
    listener: 'statsd.udp',
  }
  const limit = { prefix: 'api', series: 5 }
  const offender = { prefix: 'api.user', limit, refused: 9, examples: ['api.user.77'] }
  const status = statusReport({ limits: { refused: 9, lastRefusedMs: 1, offenders: [offender] } })
  const of = (wanted: string) =>
    hintsFor((name) => `${name}.`.startsWith(`${wanted}.`), { rejections: [rejection], status })
  expect(of('shop')).toEqual({ rejection, offender: undefined })
  expect(of('api.user.77')).toEqual({ rejection: undefined, offender })
  expect(of('sho')).toEqual({ rejection: undefined, offender: undefined })
})

test('a series over a limit', () => {
  const offender = { prefix: 'api.user', limit: { prefix: 'api', series: 5 }, refused: 9, examples: [] }
  const status = statusReport({ limits: { refused: 9, lastRefusedMs: 1, offenders: [offender] } })
  const of = (path: string) => explainMissing([path], () => false, { ...evidence, status }, span)
  expect(of('stats.counters.api.user.77.rate')).toMatchObject({ kind: 'over-limit', offender })
  expect(of('api.users').kind).toBe('never-seen')
})
