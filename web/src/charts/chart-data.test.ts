import { describe, expect, test } from 'vitest'
import type { SeriesEntry } from '../api.ts'
import { readPoints, type SeriesPoints } from '../series-points.ts'
import { lastedSeconds, layOut, neededSeries, newestTime, valueAt } from './chart-data.ts'
import { planChart } from './chart-plan.ts'

type Datapoints = [number | null, number][]

const window = { spanSeconds: 300, untilSeconds: 1000 }

function loaded(entries: Record<string, Datapoints>): Map<string, SeriesPoints> {
  const range = { fromSeconds: 0, untilSeconds: 1000 }
  return new Map(
    Object.entries(entries).map(([target, datapoints]) => [
      target,
      readPoints({ target, datapoints }, range),
    ]),
  )
}

function planOf(
  type: 'counter' | 'timer' | 'gauge' | 'untyped' | 'set',
  ...statistics: SeriesEntry['statistic'][]
) {
  const series = statistics.map((statistic) => ({ key: statistic, statistic }))
  return planChart({ key: 'm', type, firstSeenMs: 0, lastSeenMs: 0, series })
}

/** Times and values where there is a value. */
function drawn(data: ReturnType<typeof layOut>, key: string) {
  return data?.times.flatMap((time, i) => {
    const value = valueAt(data, key, i)
    return value === null ? [] : [[time, value]]
  })
}

test('a chart is there when all of its series are', () => {
  const plan = planOf('timer', 'median', 'mean')
  expect(layOut(plan, loaded({ median: [[1, 980]] }), window)).toBeUndefined()
  expect(layOut(plan, loaded({ median: [[1, 980]], mean: [] }), window)).toBeDefined()
  expect(layOut(planOf('gauge'), loaded({}), window)).toBeUndefined()
})

test('points stand on an even grid over the window, with gaps where there is none', () => {
  const series = loaded({
    median: [
      [1, 690],
      [2, 700],
      [3, 710],
      [null, 720],
      [4, 1000],
    ],
    mean: [
      [null, 700],
      [5, 710],
    ],
  })
  const data = layOut(planOf('timer', 'median', 'mean'), series, window)
  expect(data).toMatchObject({ stepSeconds: 10, flushSeconds: 10 })
  expect([data?.times[0], data?.times.at(-1), data?.times.length]).toEqual([710, 1000, 30])
  expect(drawn(data, 'median')).toEqual([
    [710, 3],
    [1000, 4],
  ])
  expect(drawn(data, 'mean')).toEqual([[710, 5]])
})

describe('more points than can be drawn are merged by what they mean', () => {
  const hour = { spanSeconds: 3600, untilSeconds: 7200 }
  // Six flushes that make one minute, and the first of the next.
  const values = [4, 1, 6, 2, 3, 8, 100]
  const datapoints = values.map((value, i): [number, number] => [value, 7010 - 60 - 20 + i * 10])
  const cases: [string, Parameters<typeof planOf>[0], SeriesEntry['statistic'], [number, number][]][] = [
    [
      'counts add',
      'counter',
      'count',
      [
        [6960, 13],
        [7020, 111],
      ],
    ],
    [
      'a set keeps its peak',
      'set',
      'count',
      [
        [6940, 4],
        [6960, 6],
        [6980, 8],
        [7000, 100],
      ],
    ],
    [
      'a gauge keeps the last',
      'gauge',
      'value',
      [
        [6940, 1],
        [6960, 2],
        [6980, 8],
        [7000, 100],
      ],
    ],
    [
      'untyped points are averaged',
      'untyped',
      'value',
      [
        [6940, 2.5],
        [6960, 4],
        [6980, 5.5],
        [7000, 100],
      ],
    ],
    [
      'the lower bound takes the least',
      'timer',
      'lower',
      [
        [6940, 1],
        [6960, 2],
        [6980, 3],
        [7000, 100],
      ],
    ],
    [
      'the upper bound takes the most',
      'timer',
      'upper',
      [
        [6940, 4],
        [6960, 6],
        [6980, 8],
        [7000, 100],
      ],
    ],
  ]
  test.each(cases)('%s', (_what, type, statistic, merged) => {
    const plan = type === 'timer' ? planOf(type, 'lower', 'upper') : planOf(type, statistic)
    const series = loaded({
      [statistic]: datapoints,
      ...(type === 'timer' && { lower: datapoints, upper: datapoints }),
    })
    // Flushes from 6930 to 6990: bars of a minute end at 6960 and 7020, lines of twenty seconds in between.
    expect(drawn(layOut(plan, series, hour), statistic)).toEqual(merged)
  })
})

test('a merged point keeps its flushes while the window moves on', () => {
  const series = loaded({
    count: Array.from({ length: 400 }, (_, i): [number, number] => [1, 3000 + i * 10]),
  })
  const plan = planOf('counter', 'count')
  const one = drawn(layOut(plan, series, { spanSeconds: 3600, untilSeconds: 6985 }), 'count')
  const next = drawn(layOut(plan, series, { spanSeconds: 3600, untilSeconds: 6995 }), 'count')
  expect(next?.slice(1, -1)).toEqual(one?.slice(1, -1))
})

test('an interval that is not over has lasted as long as it has', () => {
  const count = Array.from({ length: 400 }, (_, i): [number, number] => [1, 3000 + i * 10])
  const data = layOut(planOf('counter', 'count'), loaded({ count }), {
    spanSeconds: 3600,
    untilSeconds: 6985,
  })
  expect(data?.stepSeconds).toBe(60)
  expect(data && [6960, 7020, 7039].map((end) => lastedSeconds(data, end))).toEqual([60, 25, 10])
})

test('the newest time is that of the last point that is there', () => {
  const data = layOut(
    planOf('gauge', 'value'),
    loaded({
      value: [
        [1, 980],
        [0, 990],
        [null, 1000],
      ],
    }),
    window,
  )
  expect(data && newestTime(data)).toBe(990)
  expect(data && valueAt(data, 'value', 28)).toBe(0)
  expect(data && valueAt(data, 'value', 29)).toBeNull()
  expect(data && valueAt(data, '__proto__', 0)).toBeNull()
  const empty = layOut(planOf('gauge', 'value'), loaded({ value: [[null, 980]] }), window)
  expect(empty && newestTime(empty)).toBeUndefined()
})

describe('the band of a value', () => {
  const plan = planOf('gauge', 'value')
  const points: Datapoints = [
    [5, 880],
    [6, 940],
    [7, 1000],
  ]

  test('is of the points that are drawn as one', () => {
    const fine = { ...window, spanSeconds: 18_000, untilSeconds: 18_000 }
    const series = loaded({
      value: Array.from({ length: 1_800 }, (_, i): [number, number] => [i % 10, (i + 1) * 10]),
    })
    const data = layOut(plan, series, fine)
    expect(data).toMatchObject({ stepSeconds: 60, hasExtremes: true })
    expect(drawn(data, 'consolidateBy(value,"max")')?.[0]).toEqual([60, 5])
    expect(drawn(data, 'consolidateBy(value,"min")')?.[0]).toEqual([60, 0])
  })

  test('is of one value each where every point is drawn', () => {
    const data = layOut(plan, loaded({ value: points }), window)
    expect(data?.hasExtremes).toBe(false)
    expect(drawn(data, 'consolidateBy(value,"max")')).toEqual(drawn(data, 'value'))
  })

  test('is of what points were rolled up from, once Kymo has said that', () => {
    const series = loaded({
      value: points,
      'consolidateBy(value,"min")': points.map(([, time]) => [1, time]),
      'consolidateBy(value,"max")': points.map(([, time]) => [90, time]),
    })
    const data = layOut(plan, series, window)
    expect(data).toMatchObject({ stepSeconds: 60, hasExtremes: true })
    expect(drawn(data, 'value')).toEqual([
      [900, 5],
      [960, 6],
      [1020, 7],
    ])
    expect(drawn(data, 'consolidateBy(value,"max")')?.map(([, value]) => value)).toEqual([90, 90, 90])
    expect(drawn(data, 'consolidateBy(value,"min")')?.map(([, value]) => value)).toEqual([1, 1, 1])
  })

  test('is asked for where points are further apart than flushes, and only there', () => {
    const series = loaded({ value: points })
    const extremes = ['consolidateBy(value,"min")', 'consolidateBy(value,"max")']
    expect(neededSeries(plan, new Map(), 10)).toEqual(['value'])
    expect(neededSeries(plan, series, 60)).toEqual(['value'])
    expect(neededSeries(plan, series, 0)).toEqual(['value'])
    expect(neededSeries(plan, series, 10)).toEqual(['value', ...extremes])
    const timer = planOf('timer', 'lower', 'upper', 'mean')
    expect(neededSeries(timer, loaded({ lower: points, upper: points, mean: points }), 10)).toHaveLength(3)
  })
})
