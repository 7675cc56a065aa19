import { expect, test } from 'vitest'
import { quantileOf, spreadOf } from './spread.ts'

test.each([
  [[7], { min: 7, median: 7, max: 7 }],
  [[3, 1, 2], { min: 1, median: 2, max: 3 }],
  [[10, 1, 2, 4], { min: 1, median: 3, max: 10 }],
  [[0.123456], { min: 0.1235, median: 0.1235, max: 0.1235 }],
  [[123456.7], { min: 123457, median: 123457, max: 123457 }],
])('the spread of %j', (values, wanted) => {
  expect(spreadOf(values)).toEqual(wanted)
})

test.each([
  [[5], 0.99, 5],
  [[2, 1], 0.5, 1],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  [Array.from({ length: 100 }, (_, index) => index + 1), 1, 100],
])('a quantile of %j at %f', (values, share, wanted) => {
  expect(quantileOf(values, share)).toBe(wanted)
})

test('there is none of nothing', () => {
  expect(() => spreadOf([])).toThrow('BUG')
  expect(() => quantileOf([], 0.5)).toThrow('BUG')
})
