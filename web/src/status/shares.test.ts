import { expect, test } from 'vitest'
import { sharesOf } from './shares.ts'

test.each([
  [
    [1, 1, 1],
    [33.4, 33.3, 33.3],
  ],
  [
    [999_999, 1],
    [99.9, 0.1],
  ],
  [
    [10, 0],
    [100, 0],
  ],
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1_000_000, 1, 1, 1],
    [99.7, 0.1, 0.1, 0.1],
  ],
])('%j are %j percent', (counts, percents) => {
  const shares = sharesOf(counts.map((count, index) => ({ name: String(index), count })))
  expect(shares.map(({ percent }) => percent)).toEqual(percents)
})
