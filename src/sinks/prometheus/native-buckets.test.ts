import { expect, test } from 'vitest'
import { NativeBuckets, nativeBucketIndex, schemaOf } from './native-buckets.ts'

test.each([
  [1.1, 3],
  [1.091, 3],
  [2, 0],
  [1.999, 1],
  [4, -1],
  [1.000_01, 8],
  [1e9, -4],
])('a factor of %d is the schema %i', (factor, schema) => {
  expect(schemaOf(factor)).toBe(schema)
})

test.each([8, 5, 3, 1, 0, -1, -4])('the upper edge of a bucket belongs to it, by schema %i', (schema) => {
  const base = 2 ** (2 ** -schema)
  for (const power of [-40, -7, -1, 0, 1, 2, 10, 40]) {
    // Powers of two are exact, whatever the schema.
    const octaves = schema < 0 ? power * 2 ** -schema : power
    const edge = 2 ** octaves
    const index = schema < 0 ? power : power * 2 ** schema
    expect(nativeBucketIndex(edge, schema)).toBe(index)
    expect(nativeBucketIndex(edge * (1 + 2 ** -50), schema)).toBe(index + 1)
    expect(nativeBucketIndex(edge * (1 - 2 ** -50), schema)).toBe(index)
  }
  for (let value = 1e-30; value < 1e30; value *= 3.7) {
    const index = nativeBucketIndex(value, schema)
    expect(value).toBeGreaterThan(base ** (index - 1) * (1 - 1e-12))
    expect(value).toBeLessThanOrEqual(base ** index * (1 + 1e-12))
  }
})

test('too many buckets become half as many', () => {
  const buckets = new NativeBuckets({ buckets: [], nativeBucketFactor: 1.1, nativeMaxBuckets: 10 })
  for (let value = 1; value <= 1_000; value++) {
    buckets.add(value, 2)
    buckets.add(-value, 1)
  }
  buckets.add(0, 5)
  const countOf = (side: ReadonlyMap<number, number>) =>
    [...side.values()].reduce((sum, count) => sum + count, 0)
  expect(buckets.schema).toBeLessThan(3)
  expect(buckets.positive.size + buckets.negative.size).toBeLessThanOrEqual(10)
  expect([countOf(buckets.positive), countOf(buckets.negative), buckets.zeroCount]).toEqual([2_000, 1_000, 5])
})
