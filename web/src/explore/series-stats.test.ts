import { expect, test } from 'vitest'
import { statsOf } from './series-stats.ts'

const GAP = Number.NaN

test.each([
  [[1, null, 5, 3, null], { min: 1, avg: 3, max: 5, last: 3 }],
  [[1, GAP, 5, 3, GAP], { min: 1, avg: 3, max: 5, last: 3 }],
  [[null], { min: null, avg: null, max: null, last: null }],
  [[], { min: null, avg: null, max: null, last: null }],
  [[-2, 0], { min: -2, avg: -1, max: 0, last: 0 }],
])('%j', (values, stats) => {
  expect(statsOf(values)).toEqual(stats)
})
