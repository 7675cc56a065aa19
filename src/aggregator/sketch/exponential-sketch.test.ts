import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../../test/harness/runs.ts'
import { MOST_BUCKETS, type TimerSketch } from '../../model/timer-sketch.ts'
import { computeTimerStatistics, type TimerStatistics, type TimerWeighting } from '../timer-statistics.ts'
import { ExponentialSketch } from './exponential-sketch.ts'
import { computeSketchStatistics } from './sketch-statistics.ts'

type Event = readonly [value: number, weight: number]

const PERCENTILES = [1, 50, 90, 99, 99.9, 100, -1, -10, -100]
const UPPER_EDGES = [-100, 0, 1, 10, 250, Number.POSITIVE_INFINITY]
/** (b - 1) / (b + 1), where an octave is b^32. */
const ERROR = 0.010_831

function sketchOf(events: readonly Event[], weighting: TimerWeighting = 'all'): ExponentialSketch {
  const sketch = new ExponentialSketch(weighting === 'all')
  for (const [value, weight] of events) sketch.add(value, weight)
  return sketch
}

const approximate = (events: readonly Event[], weighting: TimerWeighting = 'all') =>
  computeSketchStatistics(sketchOf(events, weighting), { percentiles: PERCENTILES, upperEdges: UPPER_EDGES })

const exactly = (events: readonly Event[], weighting: TimerWeighting = 'all') =>
  computeTimerStatistics(
    Float64Array.from(events, ([value]) => value),
    Float64Array.from(events, ([, weight]) => weight),
    { percentiles: PERCENTILES, upperEdges: UPPER_EDGES, weighting },
  )

/** Numbers that look like chance and are the same every time. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
}

const DISTRIBUTIONS: Readonly<Record<string, (next: () => number) => number>> = {
  uniform: (next) => next() * 1_000,
  exponential: (next) => -Math.log(next()) * 40,
  'log-normal': (next) =>
    Math.exp(4 + 1.5 * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())),
  'heavy-tailed': (next) => next() ** -1.2,
  'of two humps': (next) => (next() < 0.7 ? 3 + next() : 900 + 50 * next()),
  'whole milliseconds': (next) => Math.round(-Math.log(next()) * 40),
  'nearly the same': (next) => 1e9 + next(),
  'of both signs': (next) => (next() - 0.4) * 500,
  constant: () => 42,
}

test('values that come together are what they are one by one, to the last bit', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1_000, max: 1_000 }),
    fc.constantFrom(0, -0, Number.MIN_VALUE, -Number.MAX_VALUE, 2 ** 0.5),
  )
  const part = fc.record({ values: fc.array(value, { maxLength: 50 }), rate: fc.option(fc.constant(0.1)) })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), (parts, isWeighted) => {
      const [together, single] = [new ExponentialSketch(isWeighted), new ExponentialSketch(isWeighted)]
      for (const { values, rate } of parts) {
        const weights = rate === null ? undefined : new Float64Array(values.length).fill(1 / rate)
        together.addAll(Float64Array.from(values), weights)
        for (const one of values) single.add(one, rate === null ? 1 : 1 / rate)
      }
      expect(together.state()).toEqual(single.state())
    }),
    { numRuns: runs(300) },
  )
})

describe('against the exact statistics', () => {
  const weightings = ['all', 'count'] as const
  const cases = Object.entries(DISTRIBUTIONS).flatMap(([name, draw]) =>
    weightings.map((weighting) => [name, weighting, draw] as const),
  )
  test.each(cases)('values that are %s, rates weigh %s', (_, weighting, draw) => {
    const next = chance(7)
    const events = Array.from({ length: 20_000 }, (): Event => [draw(next), next() < 0.2 ? 2.5 : 1])
    expectNear(approximate(events, weighting), exactly(events, weighting), events)
  })

  test('whatever the values are, if all have one sign', () => {
    const value = fc.oneof(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.constantFrom(0, 0.5, 1, 64))
    const event = fc.tuple(value, fc.constantFrom(1, 2.5, 10))
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 80 }), fc.boolean(), (events, isNegative) => {
        const signed = events.map(([each, weight]): Event => [isNegative ? -each : each, weight])
        expectNear(approximate(signed), exactly(signed), signed)
      }),
      { numRuns: runs(500) },
    )
  })

  test('a bin has what it would have if its edge were moved by 1.1 %', () => {
    const next = chance(3)
    const events = Array.from({ length: 5_000 }, (): Event => [-Math.log(next()) * 40, 1])
    const countBelow = (edge: number) => events.filter(([value]) => value < edge).length
    for (const edge of [0.5, 1, 10, 33.3, 64, 100]) {
      const statistics = computeSketchStatistics(sketchOf(events), { percentiles: [], upperEdges: [edge] })
      const [count = Number.NaN] = statistics.bins
      expect(count).toBeGreaterThanOrEqual(countBelow(edge * (1 - ERROR)))
      expect(count).toBeLessThanOrEqual(countBelow(edge * (1 + ERROR)))
    }
  })

  /** Totals are the same but for rounding; what a rank decides is right to 1.1 %. */
  function expectNear(actual: TimerStatistics, wanted: TimerStatistics, events: readonly Event[]): void {
    const size = events.reduce((sum, [value, weight]) => sum + weight * Math.abs(value), 0) / wanted.count
    expect(actual.count).toBeCloseTo(wanted.count, 6)
    expect([actual.lower, actual.upper]).toEqual([wanted.lower, wanted.upper])
    expect(Math.abs(actual.mean - wanted.mean)).toBeLessThanOrEqual(size * 1e-9)
    expect(Math.abs(actual.std - wanted.std)).toBeLessThanOrEqual(wanted.std * 1e-6 + size * 1e-9)
    expect(Math.abs(actual.sum - wanted.sum)).toBeLessThanOrEqual(size * wanted.count * 1e-9)
    expect(Math.abs(actual.sumSquares / wanted.sumSquares - 1) || 0).toBeLessThanOrEqual(1e-9)
    expectRatio(actual.median, wanted.median)
    expect(actual.percentiles.length).toBe(PERCENTILES.length)
    const isOfOneSign = wanted.lower >= 0 || wanted.upper <= 0
    for (const [index, part] of actual.percentiles.entries()) {
      const wantedPart = wanted.percentiles[index]
      expect(part?.count).toBe(wantedPart?.count)
      if (part === undefined || wantedPart === undefined) continue
      expectRatio(part.boundary, wantedPart.boundary)
      if (!isOfOneSign) continue
      expectRatio(part.mean, wantedPart.mean)
      expectRatio(part.sum, wantedPart.sum)
      expect(Math.abs(part.sumSquares - wantedPart.sumSquares)).toBeLessThanOrEqual(
        wantedPart.sumSquares * (2 * ERROR + ERROR ** 2) + wanted.sumSquares * 1e-9,
      )
    }
  }

  function expectRatio(actual: number, wanted: number): void {
    expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * (ERROR + 1e-9))
  }
})

describe('memory', () => {
  test('is bounded: values too far apart halve the buckets, and stay right to what that leaves', () => {
    const next = chance(11)
    const octaves = [30, 60, 120, 250, 500, 1_000, 2_040]
    const scales = octaves.map((range) => {
      const events = Array.from({ length: 4_000 }, (): Event => [2 ** ((next() - 0.5) * range), 1])
      const sketch = sketchOf(events)
      expect(sketch.sizeBytes).toBeLessThanOrEqual(2 * MOST_BUCKETS * 8 + 100)
      const widthRatio = 2 ** (1 / 2 ** sketch.scale)
      const bound = (widthRatio - 1) / (widthRatio + 1)
      const { median, percentiles } = computeSketchStatistics(sketch, { percentiles: PERCENTILES })
      const wanted = exactly(events)
      expect(Math.abs(median / wanted.median - 1)).toBeLessThanOrEqual(bound + 1e-9)
      for (const [index, part] of percentiles.entries()) {
        const boundary = wanted.percentiles[index]?.boundary ?? Number.NaN
        expect(Math.abs((part?.boundary ?? Number.NaN) / boundary - 1)).toBeLessThanOrEqual(bound + 1e-9)
      }
      return sketch.scale
    })
    expect(scales).toEqual([5, 4, 3, 2, 1, 0, -1])
  })

  test('holds every double there is', () => {
    const values = [Number.MIN_VALUE, 1, Number.MAX_VALUE]
    const sketch = sketchOf([...values, 0, ...values.map((value) => -value)].map((value) => [value, 1]))
    expect(sketch.scale).toBe(-2)
    const { median, lower, upper, count } = computeSketchStatistics(sketch, { percentiles: [] })
    expect([median, lower, upper, count]).toEqual([0, -Number.MAX_VALUE, Number.MAX_VALUE, 7])
  })

  test('of a few values is small', () => {
    expect(sketchOf([[12, 1]]).sizeBytes).toBeLessThan(1_000)
  })
})

test('subnormal and huge values are right to 1.1 % too', () => {
  for (const value of [3e-310, 1.5e-308, 1.7e308, -1.7e308, -3e-310]) {
    const { percentiles } = approximate([value, value * 1.05, value * 1.02].map((each) => [each, 1]))
    expect(Math.abs((percentiles[1]?.boundary ?? 0) / value / 1.02 - 1)).toBeLessThan(ERROR * 2)
  }
})

test('-0 stays -0, and sums of it do', () => {
  const { lower, upper, sum, mean, median } = approximate([
    [-0, 1],
    [-0, 3],
  ])
  expect([lower, upper, sum, mean, median]).toEqual([-0, -0, -0, -0, -0])
})

describe('merged', () => {
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -1e4, max: 1e4, noNaN: true }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, 2) },
  )
  const events = fc.array(fc.tuple(value, fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 40 })

  test('sketches are what one sketch of all values would be, whatever their scales and order', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 4 }), (parts) => {
        const wanted = sketchOf(parts.flat()).state()
        const merged = new ExponentialSketch(true)
        for (const part of parts) merged.merge(sketchOf(part).state())
        expectSame(merged.state(), wanted)
        const backwards = sketchOf(parts.at(-1) ?? [])
        for (const part of parts.slice(0, -1).toReversed()) backwards.merge(sketchOf(part).state())
        expectSame(backwards.state(), wanted)
      }),
      {
        numRuns: runs(300),
        examples: [
          [
            [
              [
                [-1.4057960674880928e-162, 1],
                [0, 1],
              ],
              [[0, 5]],
            ],
          ],
        ],
      },
    )
  })

  test('into one that weighs otherwise, values have the same weight each', () => {
    const weighted = sketchOf([
      [1, 1],
      [3, 3],
    ])
    const unweighted = new ExponentialSketch(false)
    unweighted.add(8, 5)
    unweighted.merge(weighted.state())
    expect(unweighted.state()).toMatchObject({ valueCount: 3, weightedCount: 9, sum: 8 + 10 / 2 })
    weighted.merge(sketchOf([[8, 5]], 'count').state())
    expect(weighted.state()).toMatchObject({ valueCount: 3, weightedCount: 9, sum: 10 + 5 * 8 })
  })

  function expectSame(actual: TimerSketch, wanted: TimerSketch): void {
    const { sum, sumSquares, squaredDifferences, ...rest } = actual
    const {
      sum: wantedSum,
      sumSquares: wantedSquares,
      squaredDifferences: wantedDifferences,
      ...same
    } = wanted
    // Weights are whole numbers here, which add up to the same in any order.
    expect(rest).toEqual(same)
    const size = Math.max(Math.abs(rest.lower), Math.abs(rest.upper)) * rest.weightedCount
    expectClose(sum, wantedSum, size)
    expectClose(sumSquares, wantedSquares, size * size)
    expectClose(squaredDifferences, wantedDifferences, size * size)
  }

  function expectClose(actual: number, wanted: number, size: number): void {
    if (Number.isFinite(wanted) && Number.isFinite(size))
      // Squares of the smallest numbers are some few of the least that there is, and none more exact.
      expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(Math.max(size * 1e-9, 100 * Number.MIN_VALUE))
  }
})

test('weights too large to be added leave numbers that can be saved', () => {
  const state = sketchOf([
    [0, Number.MAX_VALUE],
    [0, Number.MAX_VALUE],
    [5, Number.MAX_VALUE],
    [5, Number.MAX_VALUE],
  ]).state()
  expect([state.weightedCount, state.zeroWeight, ...state.positive.weights]).toEqual(
    Array(3).fill(Number.MAX_VALUE),
  )
})
