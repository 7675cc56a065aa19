import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { computeTimerStatistics, type TimerStatistics, type TimerWeighting } from './timer-statistics.ts'

function compute(
  events: readonly (readonly [value: number, weight: number])[],
  percentiles: readonly number[] = [90],
  weighting: TimerWeighting = 'all',
): TimerStatistics {
  return computeTimerStatistics(
    Float64Array.from(events, ([value]) => value),
    Float64Array.from(events, ([, weight]) => weight),
    { percentiles, weighting },
  )
}

const plain = (values: readonly number[]) => values.map((value) => [value, 1] as const)

/** etsy's arithmetic, step by step, for weights of 1; the negative percentile that covers all is put right. */
function plainly(unsorted: readonly number[], percentiles: readonly number[]): TimerStatistics {
  const values = unsorted.toSorted((a, b) => a - b)
  const count = values.length
  const value = (index: number) => values[index] ?? Number.NaN
  const sums: number[] = []
  const squares: number[] = []
  for (const [i, v] of values.entries()) {
    sums.push(i === 0 ? v : v + (sums[i - 1] ?? 0))
    squares.push(i === 0 ? v * v : v * v + (squares[i - 1] ?? 0))
  }
  const before = (totals: number[], index: number) => (index < 0 ? 0 : (totals[index] ?? Number.NaN))
  const [sum, sumSquares] = [before(sums, count - 1), before(squares, count - 1)]
  const mean = sum / count
  const middle = Math.floor(count / 2)
  let differences = 0
  for (const v of values) differences += (v - mean) * (v - mean)
  return {
    count,
    lower: value(0),
    upper: value(count - 1),
    mean,
    median: count % 2 === 1 ? value(middle) : (value(middle - 1) + value(middle)) / 2,
    std: Math.sqrt(differences / count),
    sum,
    sumSquares,
    percentiles: percentiles.map((percentile) => {
      const n = count === 1 ? 1 : Math.round((Math.abs(percentile) / 100) * count)
      if (n === 0) return undefined
      const isLower = percentile > 0
      const partSum = isLower ? before(sums, n - 1) : sum - before(sums, count - n - 1)
      const partSquares = isLower ? before(squares, n - 1) : sumSquares - before(squares, count - n - 1)
      const boundary = isLower ? value(n - 1) : value(count - n)
      return { count: n, mean: partSum / n, boundary, sum: partSum, sumSquares: partSquares }
    }),
    bins: [],
  }
}

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => value + 0)
const percentile = fc.oneof(
  fc.integer({ min: -100, max: 100 }),
  fc.constantFrom(99.9, 99.95, 0.1, -0.5, -100),
)

describe('with weights of 1', () => {
  test('statistics are what etsy computes, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 60 }),
        fc.array(percentile),
        (values, percentiles) => {
          expect(compute(plain(values), percentiles)).toEqual(plainly(values, percentiles))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a negative percentile that covers every value is all of them', () => {
    const [top] = compute(plain([1, 2, 3]), [-100]).percentiles
    expect(top).toEqual({ count: 3, mean: 2, boundary: 1, sum: 6, sumSquares: 14 })
  })

  test('a percentile that covers no value is left out', () => {
    expect(compute(plain([1, 2, 3]), [10, 90, 0, -10]).percentiles.map((part) => part?.count)).toEqual([
      undefined,
      3,
      undefined,
      undefined,
    ])
  })

  test('more than 100 % is all', () => {
    expect(compute(plain([1, 2]), [150, -150]).percentiles.map((part) => part?.sum)).toEqual([3, 3])
  })
})

describe('with weights', () => {
  test('a value counts as often as its weight says', () => {
    // 10, 20, 20, 30: mean 20, median 20, std sqrt(50).
    expect(
      compute(
        [
          [30, 1],
          [10, 1],
          [20, 2],
        ],
        [50, -25],
      ),
    ).toEqual({
      bins: [],
      count: 4,
      lower: 10,
      upper: 30,
      mean: 20,
      median: 20,
      std: Math.sqrt(50),
      sum: 80,
      sumSquares: 1800,
      percentiles: [
        { count: 2, mean: 15, boundary: 20, sum: 30, sumSquares: 500 },
        { count: 1, mean: 30, boundary: 30, sum: 30, sumSquares: 900 },
      ],
    })
  })

  test('whole weights give what repeated values give', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finite, fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 20 }),
        fc.array(percentile),
        (events, percentiles) => {
          const repeated = events.flatMap(([value, weight]) => Array<number>(weight).fill(value))
          const scale = Math.max(1, ...events.map(([value]) => Math.abs(value))) * repeated.length
          expectClose(compute(events, percentiles), plainly(repeated, percentiles), scale)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('neither the order of arrival nor a common scale of all weights changes ranks and means', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(finite, fc.constantFrom(1, 2, 10, 1 / 0.3)), { minLength: 1, maxLength: 20 }),
        (events) => {
          const statistics = compute(events, [50, -20])
          expect(compute(events.toReversed(), [50, -20])).toEqual(statistics)
          const scaled = compute(events.map(([value, weight]) => [value, weight / 0.7] as const))
          expect(scaled.median).toBe(statistics.median)
          expect(Math.abs(scaled.mean - statistics.mean)).toBeLessThanOrEqual(
            1e-9 * Math.max(1, ...events.map(([value]) => Math.abs(value))),
          )
        },
      ),
      { numRuns: 200 },
    )
  })

  test('equal fractional weights have the median between the two middle values', () => {
    const weight = 1 / 0.3
    expect(compute([4, 1, 3, 2].map((value) => [value, weight] as const)).median).toBe(2.5)
  })

  test('in the profile of etsy they change the count alone', () => {
    const sampled = compute([[320, 10]], [90], 'count')
    expect(sampled).toEqual({ ...compute([[320, 1]]), count: 10 })
  })
})

test('-0 stays -0', () => {
  const { lower, upper, sum, median } = compute([[-0, 1]])
  expect([lower, upper, sum, median]).toEqual([-0, -0, -0, -0])
})

function expectClose(actual: TimerStatistics, wanted: TimerStatistics, scale: number): void {
  const flat = ({ percentiles, ...rest }: TimerStatistics) => [
    ...Object.entries(rest),
    ...percentiles.flatMap((part, index) =>
      Object.entries(part ?? { none: 1 }).map(([name, value]) => [`${index}.${name}`, value] as const),
    ),
  ]
  const expected = flat(wanted)
  expect(flat(actual).map(([name]) => name)).toEqual(expected.map(([name]) => name))
  for (const [index, [name, value]] of flat(actual).entries()) {
    // Squares are compared at their own scale, and a deviation at that of the root of a rounding error.
    const tolerance = name.endsWith('sumSquares')
      ? scale * scale * 1e-9
      : scale * (name === 'std' ? 1e-6 : 1e-9)
    expect(Math.abs(value - (expected[index]?.[1] ?? Number.NaN)), name).toBeLessThanOrEqual(tolerance)
  }
}

describe('bins of a histogram', () => {
  const bins = (
    events: readonly (readonly [number, number])[],
    upperEdges: readonly number[],
    weighting: TimerWeighting = 'all',
  ) =>
    computeTimerStatistics(
      Float64Array.from(events, ([value]) => value),
      Float64Array.from(events, ([, weight]) => weight),
      { percentiles: [], upperEdges, weighting },
    ).bins

  test('end below their upper edge; what is beyond the last is in none', () => {
    expect(bins(plain([0, 0.999, 1, 4, 5, 9, 10, 1000]), [1, 5, 10])).toEqual([2, 2, 2])
  })

  test('take the rest where an edge is infinite, and negative values in the first', () => {
    expect(bins(plain([-7, 3, 1e300]), [0, Number.POSITIVE_INFINITY])).toEqual([1, 2])
  })

  test('count a value as often as its weight says, or once where only counts are weighed', () => {
    const events = [
      [1, 10],
      [3, 2.5],
      [2, 10],
    ] as const
    expect(bins(events, [2, 5])).toEqual([10, 12.5])
    expect(bins(events, [2, 5], 'count')).toEqual([1, 2])
  })
})
