import { expect, test } from 'vitest'
import { alignSeries, statsOf } from './series-stats.ts'

test.each([
  [[1, null, 5, 3, null], { min: 1, avg: 3, max: 5, last: 3 }],
  [[null], { min: null, avg: null, max: null, last: null }],
  [[], { min: null, avg: null, max: null, last: null }],
  [[-2, 0], { min: -2, avg: -1, max: 0, last: 0 }],
])('%j', (values, stats) => {
  expect(statsOf({ datapoints: values.map((value, index) => [value, index] as const) })).toEqual(stats)
})

test('series of different steps share their times; a null is a gap, a time of others is none', () => {
  expect(
    alignSeries([
      {
        datapoints: [
          [1, 10],
          [null, 20],
          [3, 30],
        ],
      },
      { datapoints: [[7, 15]] },
    ]),
  ).toEqual({
    times: [10, 15, 20, 30],
    columns: [
      [1, undefined, null, 3],
      [undefined, 7, undefined, undefined],
    ],
  })
})

test('series of one grid are put side by side, of two grids of one length not', () => {
  const series = [
    {
      datapoints: [
        [1, 10],
        [null, 20],
      ] as const,
    },
    {
      datapoints: [
        [2, 10],
        [4, 20],
      ] as const,
    },
  ]
  expect(alignSeries(series)).toEqual({
    times: [10, 20],
    columns: [
      [1, null],
      [2, 4],
    ],
  })
  const shifted = {
    datapoints: [
      [2, 10],
      [4, 21],
    ] as const,
  }
  expect(alignSeries([...series.slice(0, 1), shifted]).times).toEqual([10, 20, 21])
  expect(alignSeries([])).toEqual({ times: [], columns: [] })
})
