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
