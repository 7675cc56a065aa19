import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { threadCpuMs } from '../../../../test/harness/thread-cpu.ts'
import { percentileOfSorted, percentileOfUnsorted } from './percentile.ts'

describe('by rank, and in proportion between two', () => {
  const sorted = [10, 20, 30, 40]
  test.each([
    [0, 10, 10],
    [1, 10, 10],
    [20, 10, 10],
    [30, 20, 15],
    [50, 30, 25],
    [75, 40, 37.5],
    [80, 40, 40],
    [99, 40, 40],
    [100, 40, 40],
    [1e300, 40, 40],
  ])('percentile %d is %d or %d', (percent, byRank, between) => {
    expect(percentileOfSorted(sorted, percent)).toBe(byRank)
    expect(percentileOfSorted(sorted, percent, true)).toBe(between)
  })

  test('of nothing is null', () => {
    expect(percentileOfSorted([], 50)).toBeNaN()
    expect(percentileOfUnsorted(new Float64Array(), 50)).toBeNaN()
  })
})

test('of values in any order it is what it is of sorted ones', () => {
  const values = fc.oneof(
    fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 200 }),
    fc.array(fc.double({ noNaN: true }), { maxLength: 200 }),
    fc.array(fc.integer(), { maxLength: 200 }).map((some) => some.toSorted((a, b) => a - b)),
  )
  fc.assert(
    fc.property(
      values,
      fc.double({ min: 0, max: 120, noNaN: true }),
      fc.boolean(),
      (some, percent, isInterpolated) => {
        const sorted = Float64Array.from(some).sort()
        expect(percentileOfUnsorted(Float64Array.from(some), percent, isInterpolated)).toEqual(
          percentileOfSorted(sorted, percent, isInterpolated),
        )
      },
    ),
  )
})

test('values that are guessed badly take no longer than sorting them', () => {
  const values = Float64Array.from({ length: 200_000 }, (_, index) =>
    index % 2 === 0 ? index : 200_000 - index,
  )
  const start = threadCpuMs()
  expect(percentileOfUnsorted(values, 50)).toBeCloseTo(100_000, -1)
  expect(percentileOfUnsorted(new Float64Array(200_000).fill(7), 99)).toBe(7)
  expect(threadCpuMs() - start).toBeLessThan(1_000)
})
