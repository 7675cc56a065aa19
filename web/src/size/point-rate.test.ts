import { expect, test } from 'vitest'
import { pointRate } from './point-rate.ts'

test.each([
  ['what has come, by the time it took', { points: 100, atMs: 0 }, { points: 300, atMs: 20_000 }, 10],
  ['nothing has come', { points: 100, atMs: 0 }, { points: 100, atMs: 20_000 }, 0],
  ['too soon to tell', { points: 100, atMs: 0 }, { points: 100, atMs: 1_000 }, null],
  ['points have gone', { points: 100, atMs: 0 }, { points: 60, atMs: 20_000 }, null],
  ['it was not there before', undefined, { points: 60, atMs: 20_000 }, null],
])('%s', (_, first, newest, rate) => {
  expect(pointRate(first, newest)).toBe(rate)
})
