import { describe, expect, test } from 'vitest'
import type { MetricEntry, SeriesEntry } from '../api.ts'
import { layOut } from '../charts/chart-data.ts'
import { planChart } from '../charts/chart-plan.ts'
import { readPoints } from '../series-points.ts'
import { summarize } from './card-summary.ts'

type Points = [number | null, number][]

function summaryOf(
  type: MetricEntry['type'],
  points: Partial<Record<SeriesEntry['statistic'], Points>>,
  window = { spanSeconds: 300, untilSeconds: 1000 },
) {
  const statistics = Object.keys(points) as SeriesEntry['statistic'][]
  const series = statistics.map((statistic) => ({ key: statistic, statistic }))
  const plan = planChart({ key: 'm', type, firstSeenMs: 0, lastSeenMs: 0, series })
  const range = { fromSeconds: 0, untilSeconds: 1000 }
  const loaded = new Map(
    statistics.map((key) => [
      key as string,
      readPoints({ target: key, datapoints: points[key] ?? [] }, range),
    ]),
  )
  const data = layOut(plan, loaded, window)
  return data && summarize(type, plan, data)
}

test('a counter says its rate per second and its total', () => {
  expect(
    summaryOf('counter', {
      count: [
        [50, 980],
        [null, 990],
        [20, 1000],
      ],
    }),
  ).toEqual({
    last: 2,
    min: 2,
    max: 5,
    total: 70,
  })
})

describe('an interval that is not over', () => {
  // Bars of a minute; the last covers 960 to 1020, twenty seconds of which are still to come.
  const hour = { spanSeconds: 3600, untilSeconds: 1000 }

  test('does not count as a slow one', () => {
    const count: Points = [300, 600, 10].map((value, i) => [value, 850 + i * 60])
    expect(summaryOf('counter', { count: [[null, 830], [null, 840], ...count] }, hour)).toEqual({
      last: 10,
      min: 5,
      max: 10,
      total: 910,
    })
  })

  test('is rated by what has passed of it where there is no other', () => {
    expect(
      summaryOf(
        'counter',
        {
          count: [
            [null, 970],
            [100, 980],
          ],
        },
        hour,
      )?.last,
    ).toBe(2.5)
  })
})

test('points before the window are not in its numbers', () => {
  expect(
    summaryOf('gauge', {
      value: [
        [9999, 700],
        [5, 710],
      ],
    }),
  ).toEqual({ last: 5, min: 5, max: 5, total: null })
})

test('a timer says its median, the range of all samples, and how many there were', () => {
  expect(
    summaryOf('timer', {
      median: [
        [10, 990],
        [12, 1000],
      ],
      lower: [
        [1, 990],
        [2, 1000],
      ],
      upper: [
        [90, 990],
        [80, 1000],
      ],
      count: [
        [3, 990],
        [4, 1000],
      ],
    }),
  ).toEqual({ last: 12, min: 1, max: 90, total: 7 })
})

test('no points: no numbers', () => {
  for (const type of ['counter', 'gauge', 'set', 'untyped'] as const) {
    const statistic = type === 'counter' || type === 'set' ? 'count' : 'value'
    expect(summaryOf(type, { [statistic]: [[null, 990]] })).toEqual({
      last: null,
      min: null,
      max: null,
      total: null,
    })
  }
})
