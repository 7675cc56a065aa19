import { describe, expect, test } from 'vitest'
import type { MetricEntry, MetricKind } from '../api.ts'
import { layOutDashboard } from './layout.ts'
import { foldersBelow, prefixOf, restBelow } from './prefixes.ts'

function metric(key: string, type: MetricKind): MetricEntry {
  return { key, type, firstSeenMs: 0, lastSeenMs: 0, series: [] }
}

const METRICS = [
  metric('hosts.web10.cpu', 'gauge'),
  metric('hosts.web2.cpu', 'gauge'),
  metric('hosts.web2.cpu.user', 'gauge'),
  metric('hosts.web2.requests', 'counter'),
  metric('hosts.total', 'counter'),
  metric('hosts.latency;env=prod', 'timer'),
  metric('hostsmore.a', 'gauge'),
  metric('statsd.numStats', 'gauge'),
]

describe('the dashboard of a prefix', () => {
  const shape = (metrics: readonly MetricEntry[]) =>
    layOutDashboard(metrics, 'hosts').map(({ type, overlays, metrics: alone }) => [
      type,
      overlays.map(({ title, members }) => [title, ...members.map(({ node }) => node)]),
      alone.map(({ key }) => key),
    ])

  test('by type, and what differs in one node together', () => {
    expect(shape(METRICS)).toEqual([
      ['counter', [], ['hosts.total', 'hosts.web2.requests']],
      ['timer', [], ['hosts.latency;env=prod']],
      ['gauge', [['*.cpu', 'web2', 'web10']], ['hosts.web2.cpu.user']],
    ])
  })

  test('the same metrics in another order give the same', () => {
    expect(shape(METRICS.toReversed())).toEqual(shape(METRICS))
  })

  test('a prefix that nothing is below has no sections', () => {
    expect(layOutDashboard(METRICS, 'host')).toEqual([])
  })
})

describe('the dashboard of tags', () => {
  const tagged = [
    metric('http.requests;env=prod;host=a;service=shop', 'counter'),
    metric('http.requests;env=prod;host=b;service=shop', 'counter'),
    metric('http.requests;env=dev;host=a;service=shop', 'counter'),
    metric('http.requests;env=prod;service=shopping', 'counter'),
    metric('queue;env=prod;service=shop', 'gauge'),
  ]
  const shape = (prefix: string) =>
    layOutDashboard(tagged, prefix).map(({ overlays, metrics: alone }) => [
      overlays.map(({ title, members }) => [title, ...members.map(({ node }) => node)]),
      alone.map(({ key }) => key),
    ])

  test('what differs in tags together, by the values in which it differs', () => {
    expect(shape(';service=shop')).toEqual([
      [[['http.requests', 'dev · a', 'prod · a', 'prod · b']], []],
      [[], ['queue;env=prod;service=shop']],
    ])
    expect(shape(';service=shop;env=prod')[0]).toEqual([[['http.requests', 'a', 'b']], []])
    expect(shape(';service=sho')).toEqual([])
  })

  test('below it are its environments', () => {
    expect(foldersBelow(tagged, ';service=shop')).toEqual([
      { name: 'dev', prefix: ';service=shop;env=dev', metricCount: 1 },
      { name: 'prod', prefix: ';service=shop;env=prod', metricCount: 3 },
    ])
    expect(foldersBelow(tagged, ';service=shop;env=prod')).toEqual([])
    expect(foldersBelow(tagged, ';service=shopping')).toEqual([])
  })
})

test('folders, without those of Kymo itself', () => {
  expect(foldersBelow(METRICS, '').map(({ prefix, metricCount }) => [prefix, metricCount])).toEqual([
    ['hosts', 6],
    ['hostsmore', 1],
  ])
  expect(foldersBelow(METRICS, 'hosts').map(({ prefix }) => prefix)).toEqual(['hosts.web2', 'hosts.web10'])
})

test('what is below and above a name', () => {
  expect(restBelow('a.b.c;x=1.2', 'a')).toEqual(['b', 'c'])
  expect(restBelow('ab.c', 'a')).toBeUndefined()
  expect(prefixOf('a.b.c;x=1')).toBe('a.b')
  expect(prefixOf('a')).toBe('')
})
