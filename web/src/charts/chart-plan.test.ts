import { describe, expect, test } from 'vitest'
import type { MetricEntry, SeriesEntry } from '../api.ts'
import { columnsOf, planChart, seriesOf } from './chart-plan.ts'

type Short = [statistic: SeriesEntry['statistic'], percentile?: number]

function metricOf(type: MetricEntry['type'], series: Short[], key = 'm'): MetricEntry {
  return {
    key,
    type,
    firstSeenMs: 0,
    lastSeenMs: 0,
    series: series.map(([statistic, percentile]) => ({
      key: `${key}.${statistic}${percentile === undefined ? '' : `_${percentile}`}`,
      statistic,
      ...(percentile !== undefined && { percentile }),
    })),
  }
}

const TIMER: Short[] = [
  ['count'],
  ['count', 90],
  ['lower'],
  ['upper', 90],
  ['upper', 99],
  ['upper'],
  ['mean', 90],
  ['mean'],
  ['median'],
  ['lower', -10],
]

describe('each type has its picture', () => {
  const cases: [MetricEntry['type'], Short[], shape: string, lines: string[]][] = [
    ['counter', [['rate'], ['count']], 'bars', ['m.count']],
    ['gauge', [['value']], 'line', ['m.value']],
    ['set', [['count']], 'steps', ['m.count']],
    ['untyped', [['value']], 'line', ['m.value']],
    ['timer', TIMER, 'line', ['m.median', 'm.upper_90', 'm.mean']],
  ]
  test.each(cases)('%s', (type, series, shape, lines) => {
    const plan = planChart(metricOf(type, series))
    expect(plan.shape).toBe(shape)
    expect(plan.lines.map((line) => line.key)).toEqual(lines)
  })

  test.each(['counter', 'gauge', 'set', 'timer', 'untyped'] as const)(
    'a %s without series draws nothing',
    (type) => {
      expect(seriesOf(planChart(metricOf(type, [])))).toEqual([])
    },
  )
})

describe('a timer', () => {
  test('has a band from lower to upper and counts its samples', () => {
    const plan = planChart(metricOf('timer', TIMER))
    expect(plan.band).toEqual({ lowerKey: 'm.lower', upperKey: 'm.upper' })
    expect(plan.countKey).toBe('m.count')
    const merges = [...columnsOf(plan, false)].map(([key, { merge }]) => [key, merge])
    expect(merges).toEqual([
      ['m.median', 'mean'],
      ['m.upper_90', 'max'],
      ['m.mean', 'mean'],
      ['m.lower', 'min'],
      ['m.upper', 'max'],
      ['m.count', 'sum'],
    ])
  })

  test('shows the percentile nearest to 90, and none that looks down', () => {
    const labels = (series: Short[]) => planChart(metricOf('timer', series)).lines.map((line) => line.label)
    expect(
      labels([
        ['upper', 50],
        ['upper', 95],
        ['upper', 99.9],
      ]),
    ).toEqual(['p95'])
    expect(labels([['upper', -10], ['median']])).toEqual(['median'])
  })

  test('does without what it lacks', () => {
    const plan = planChart(metricOf('timer', [['mean'], ['upper']]))
    expect(plan).toMatchObject({ band: null, countKey: null })
    expect(plan.lines.map((line) => line.label)).toEqual(['mean'])
  })
})

test('a gauge has a band of the points that are drawn as one', () => {
  const plan = planChart(metricOf('gauge', [['value']]))
  const { lowerKey = '', upperKey = '' } = plan.band ?? {}
  expect(columnsOf(plan, false).get(lowerKey)).toEqual({ series: 'm.value', merge: 'min' })
  expect(columnsOf(plan, false).get(upperKey)).toEqual({ series: 'm.value', merge: 'max' })
  expect(seriesOf(plan)).toEqual(['m.value'])
})

test('a unit is the type’s, unless the name knows better', () => {
  const unitOf = (type: MetricEntry['type'], key: string) => planChart(metricOf(type, [['value']], key)).unit
  expect(unitOf('timer', 'api.latency;route=/size')).toBe('duration')
  expect(unitOf('timer', 'api.response_bytes')).toBe('bytes')
  expect(unitOf('timer', 'api.payload_size')).toBe('none')
  expect(unitOf('gauge', 'disk.free_bytes;host=a')).toBe('bytes')
  expect(unitOf('gauge', 'megabytes')).toBe('none')
  expect(unitOf('untyped', '__proto__')).toBe('none')
})
