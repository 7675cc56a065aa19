import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SeriesIdentity } from './series-identity.ts'
import {
  aroundBucket,
  BUCKET_PLACES,
  nodesOfPlace,
  placeOfBucket,
  placeOfKey,
  placeOfValue,
  valueOfPlace,
} from './stored-bucket.ts'

const places = Array.from({ length: BUCKET_PLACES }, (_, place) => place)

test('places are in the order of values, and each has a name of its own that tells it', () => {
  expect(places.map(valueOfPlace)).toEqual(places.map(valueOfPlace).toSorted((a, b) => a - b))
  expect(places.map((place) => placeOfKey(`stats.timers.a.${nodesOfPlace(place)}`))).toEqual(places)
  expect(places.map((place) => placeOfValue(valueOfPlace(place)))).toEqual(places)
})

test('what stands for a value is right to 1.1 %', () => {
  const size = fc.double({ min: 1e-9, max: 1e15, noNaN: true })
  fc.assert(
    fc.property(size, fc.constantFrom(1, -1), (magnitude, sign) => {
      const value = sign * magnitude
      const shown = valueOfPlace(placeOfValue(value))
      return Math.abs(shown - value) <= 0.011 * magnitude
    }),
  )
})

test('any double has a place', () => {
  expect([-0, 5e-324, -5e-324, 1e-10].map(placeOfValue)).toEqual(Array(4).fill(placeOfValue(0)))
  expect(placeOfValue(Number.MAX_VALUE)).toBe(BUCKET_PLACES - 1)
  expect(placeOfValue(-Number.MAX_VALUE)).toBe(0)
  expect(valueOfPlace(placeOfBucket(1, -1_000_000))).toBe(0)
})

describe('a key', () => {
  test.each([
    ['stats.timers.a.sketch.p5_212', placeOfBucket(1, 212)],
    ['stats.timers.a.sketch.n5_-7;host=web1', placeOfBucket(-1, -7)],
    ['stats.timers.a.sketch.zero.suffix', placeOfBucket(1, -9_999)],
    ['stats.timers.a.sketch.p5_1.sketch.p5_2', placeOfBucket(1, 2)],
    ['stats.timers.a.sketch.p5_2000', undefined],
    ['stats.timers.a.sketch.p4_212', undefined],
    ['stats.timers.a.sketch.p5_212x', undefined],
    ['stats.timers.a.sketch', undefined],
    ['stats.timers.a.count;x=.sketch.p5_1', undefined],
  ])('%s', (key, place) => {
    expect(placeOfKey(key)).toBe(place)
  })
})

describe('a sketch goes with the counts of its timer', () => {
  const counts: SeriesIdentity = {
    key: 'stats.timers.a.count.b.count.web1;k=v',
    metricKey: 'a.count.b;k=v',
    metricType: 'timer',
    statistic: 'count',
    rollup: 'sum',
  }

  test('where these are called so', () => {
    const [before, behind] = aroundBucket(counts) ?? []
    expect(`${before}${nodesOfPlace(placeOfValue(0))}${behind}`).toBe(
      'stats.timers.a.count.b.sketch.zero.web1;k=v',
    )
  })

  test.each<Partial<SeriesIdentity>>([
    { metricType: 'counter' },
    { statistic: 'sum' },
    { percentile: 90 },
    { key: 'other' },
  ])('and not with %j', (change) => {
    expect(aroundBucket({ ...counts, ...change })).toBeUndefined()
  })
})
