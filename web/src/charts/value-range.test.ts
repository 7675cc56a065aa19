import { describe, expect, test } from 'vitest'
import { valueRange } from './value-range.ts'

describe('a value axis', () => {
  const cases: [
    what: string,
    low: number | null,
    high: number | null,
    isZeroBased: boolean,
    range: [number, number],
  ][] = [
    ['no values', null, null, true, [0, 1]],
    ['all zero', 0, 0, false, [0, 1]],
    ['counts stand on zero', 40, 100, true, [0, 108]],
    ['a line near zero stands on it', 10, 100, false, [0, 108]],
    ['a line far from zero floats', 1000, 1100, false, [992, 1108]],
    ['a constant line is in the middle', 50, 50, false, [46, 54]],
    ['below zero it hangs from it', -100, -10, false, [-108, 0]],
    ['across zero it has both', -50, 50, true, [-58, 58]],
    ['infinite', 0, Number.POSITIVE_INFINITY, true, [0, 1]],
  ]
  test.each(cases)('%s', (_what, low, high, isZeroBased, range) => {
    const [bottom, top] = valueRange(low, high, isZeroBased)
    expect(bottom).toBeCloseTo(range[0])
    expect(top).toBeCloseTo(range[1])
  })
})
