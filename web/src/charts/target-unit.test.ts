import { expect, test } from 'vitest'
import type { MetricEntry, SeriesEntry } from '../api.ts'
import { unitOfTargets } from './target-unit.ts'

const metric = (
  type: MetricEntry['type'],
  key: string,
  series: Record<string, SeriesEntry['statistic']>,
): MetricEntry => ({
  key,
  type,
  firstSeenMs: 0,
  lastSeenMs: 0,
  series: Object.entries(series).map(([name, statistic]) => ({ key: name, statistic })),
})

const METRICS = [
  metric('timer', 'api', {
    'stats.timers.api.mean': 'mean',
    'stats.timers.api.count': 'count',
    'stats.timers.api.count_ps': 'count_ps',
  }),
  metric('timer', 'db', { 'stats.timers.db.mean': 'mean' }),
  metric('timer', 'queue.size', { 'stats.timers.queue.size.mean': 'mean' }),
  metric('counter', 'hits', { 'stats.counters.hits.rate': 'rate', 'stats.counters.hits.count': 'count' }),
  metric('gauge', 'disk.free_bytes', { 'stats.gauges.disk.free_bytes': 'value' }),
  metric('gauge', 'cpu', { 'stats.gauges.cpu': 'value' }),
]

test.each([
  [['stats.timers.api.mean'], 'duration'],
  [['stats.timers.*.mean'], 'duration'],
  [['stats.timers.{api,db}.m?an', 'stats.timers.[ad]*.mean'], 'duration'],
  [['stats.timers.queue.size.mean'], 'none'],
  [['stats.timers.api.count'], 'none'],
  [['stats.timers.api.count_ps'], 'rate'],
  [['stats.counters.*.rate'], 'rate'],
  [['stats.counters.*.count'], 'none'],
  [['stats.gauges.disk.free_bytes'], 'bytes'],
  [['stats.gauges.cpu'], 'none'],
  [["alias(movingAverage(stats.timers.api.mean, '5min'), 'api')"], 'duration'],
  [['stacked(group(stats.counters.hits.rate,stats.counters.*.rate))'], 'rate'],
])('%j is in %s', (targets, unit) => {
  expect(unitOfTargets(targets, METRICS)).toBe(unit)
})

test.each([
  ['two units on one axis', ['stats.timers.api.mean', 'stats.counters.hits.rate']],
  ['a function that makes something else of it', ['derivative(stats.timers.api.mean)']],
  ['a series that nobody knows', ['stats.timers.other.mean']],
  ['no target', []],
  ['a node too many', ['stats.timers.*.*.*.mean']],
])('%s: none', (_, targets) => {
  expect(unitOfTargets(targets, METRICS)).toBe('none')
})

test('a pattern of many stars takes no time', () => {
  const hostile = `${'*a'.repeat(40)}*b`
  const long = metric('gauge', 'a', { ['a'.repeat(2_000)]: 'value' })
  expect(unitOfTargets([hostile], [long])).toBe('none')
  expect(unitOfTargets([`{${'a,b}{'.repeat(12)}}`], [long])).toBe('none')
})
