import { expect, test } from 'vitest'
import { checkDashboard } from '../../../src/dashboards/dashboard.ts'
import type { MetricEntry } from '../api.ts'
import { boardOfPrefix } from './board-of-prefix.ts'

const gauge = (key: string, series = `stats.gauges.${key}`): MetricEntry => ({
  key,
  type: 'gauge',
  firstSeenMs: 0,
  lastSeenMs: 0,
  series: [{ key: series, statistic: 'value' }],
})

test('hosts share a panel with a pattern; what stands alone has its own', () => {
  const board = boardOfPrefix(
    [gauge('hosts.web1.cpu'), gauge('hosts.web2.cpu'), gauge('hosts.total'), gauge('other.a')],
    'hosts',
  )
  expect(board.panels.map(({ title, targets, x, y }) => ({ title, targets, x, y }))).toEqual([
    { title: 'hosts.*.cpu', targets: ['stats.gauges.hosts.*.cpu'], x: 0, y: 0 },
    { title: 'hosts.total', targets: ['stats.gauges.hosts.total'], x: 12, y: 0 },
  ])
  expect(checkDashboard(board)).toEqual({ dashboard: board })
})

test('where series differ in more than a node, each is a target', () => {
  const board = boardOfPrefix([gauge('a.b.c', 'x.b.c'), gauge('a.d.c', 'y.d.c')], 'a')
  expect(board.panels[0]?.targets).toEqual(['x.b.c', 'y.d.c'])
})

test('many and long names give one that can be saved', () => {
  const metrics = Array.from({ length: 700 }, (_, index) => gauge(`a.${'n'.repeat(600)}${index}`))
  const board = boardOfPrefix(metrics, 'a')
  expect(board.panels).toHaveLength(300)
  expect(checkDashboard(board)).toHaveProperty('dashboard')
})
