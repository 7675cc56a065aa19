import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeNumber } from './json-text.ts'
import { LONGEST_PAIR, writePairs } from './write-pairs.ts'

function written(values: readonly number[], seconds: number, stepSeconds: number): string {
  // As much room as has to be there, at any place of the memory.
  const view = new DataView(new ArrayBuffer(3 + values.length * LONGEST_PAIR), 3)
  const pairs = { values: Float64Array.from(values), start: 0, end: values.length, seconds, stepSeconds }
  const end = writePairs(view, 0, pairs)
  return Buffer.from(view.buffer, 3, end).toString()
}

function wanted(values: readonly number[], seconds: number, stepSeconds: number): string {
  return values.map((value, index) => `,[${encodeNumber(value)},${seconds + index * stepSeconds}]`).join('')
}

const VALUES = [
  [0, -0, 7, 42, 999, 1_000, 9_999, 10_000, 12_345_678, 99_999_999, 100_000_000, 2 ** 31 - 1, 2 ** 31],
  [-1, -(2 ** 31), 0.5, 0.05, 1.25, 99.999999, 1e-6, 1e-7, 1 / 3, -200 / 30, 5e-324, 1e21],
  [-2.2250738585072014e-308, -1.7976931348623157e308, Number.NaN, Infinity, -Infinity],
].flat()

test.each([
  [1_700_000_010, 10],
  [1_700_000_010, 3_600],
  [1_699_999_990, 10],
  [1_989_999_999, 1],
  [1_700_000_000, 9_999_999],
  [1_700_000_000, 10_000_000],
  [9_999_999_990, 10],
  [999_999_990, 10],
  [2 ** 31 - 20, 7],
  [0, 1],
  [7, 86_400],
  [-50, 20],
  [1e11, 60],
])('from %d on in steps of %d', (seconds, stepSeconds) => {
  const values = Array.from({ length: 1_000 }, (_, index) => VALUES[index % VALUES.length] as number)
  expect(written(values, seconds, stepSeconds)).toBe(wanted(values, seconds, stepSeconds))
})

test('numbers that take the place of each other are written as they are', () => {
  // More than are remembered, twice.
  const values = Array.from({ length: 100_000 }, (_, index) => (index + 1) / 7)
  const twice = [...values, ...values]
  expect(written(twice, 1_700_000_000, 10)).toBe(wanted(twice, 1_700_000_000, 10))
})

test('any numbers', () => {
  const decimals = fc
    .tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.integer({ min: 0, max: 8 }))
    .map(([integer, places]) => integer / 10 ** places)
  const numbers = fc.array(fc.oneof(fc.double(), fc.integer(), decimals))
  fc.assert(
    fc.property(numbers, (values) => {
      expect(written(values, 1_700_000_000, 60)).toBe(wanted(values, 1_700_000_000, 60))
    }),
    { numRuns: 500 },
  )
})
