import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketRange } from './timer-sketch.ts'
import { bucketIndex, bucketMiddle } from './bucket-index.ts'

const positive = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true })

describe('the bucket of a value', () => {
  test.each([
    [1, -1],
    [2, 31],
    [4, 63],
    [0.5, -33],
    [1.02, 0],
    [1.03, 1],
    [3, 50],
    [Number.MIN_VALUE, bucketRange(5).lowest],
    [Number.MAX_VALUE, bucketRange(5).highest],
    [2 ** -1022, -1022 * 32 - 1],
    [2 ** -1023, -1023 * 32 - 1],
  ])('of %d is %d', (value, bucket) => {
    expect(bucketIndex(value)).toBe(bucket)
  })

  test('is what the logarithm says, wherever rounding leaves no doubt', () => {
    fc.assert(
      fc.property(positive, (value) => {
        const place = Math.log2(value) * 32
        const isInDoubt = Math.abs(place - Math.round(place)) < 1e-7
        if (!isInDoubt) expect(bucketIndex(value)).toBe(Math.ceil(place) - 1)
      }),
      { numRuns: 5_000 },
    )
  })

  test('never falls while values rise, and rises by one at each edge', () => {
    const bits = new DataView(new ArrayBuffer(8))
    const next = (value: number): number => {
      bits.setFloat64(0, value)
      bits.setBigUint64(0, bits.getBigUint64(0) + 1n)
      return bits.getFloat64(0)
    }
    for (let octave = -3; octave < 3; octave++) {
      for (let i = 0; i < 32; i++) {
        const edge = 2 ** (octave + i / 32)
        const [below, above] = [edge * (1 - 1e-12), edge * (1 + 1e-12)]
        expect([bucketIndex(below), bucketIndex(above)]).toEqual([octave * 32 + i - 1, octave * 32 + i])
      }
      const power = 2 ** octave
      expect(bucketIndex(next(power)) - bucketIndex(power)).toBe(1)
    }
  })
})

test.each([
  [5, 0.010_831],
  [4, 0.021_658],
  [0, 0.333_334],
  [-2, 0.882_353],
])('the middle of a bucket of scale %d is right to %d', (scale, bound) => {
  fc.assert(
    fc.property(positive, (value) => {
      const middle = bucketMiddle(bucketIndex(value) >> (5 - scale), scale)
      // Of the smallest numbers there are no closer ones.
      expect(Math.abs(middle - value)).toBeLessThanOrEqual(Math.max(bound * value, Number.MIN_VALUE))
    }),
    { numRuns: 2_000 },
  )
})
