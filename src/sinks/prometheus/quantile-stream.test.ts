import { describe, expect, test } from 'vitest'
import { QuantileStream, QuantileTargets } from './quantile-stream.ts'
import { SummaryWindow } from './summary-window.ts'

const DEFAULTS = [
  { quantile: 0.5, error: 0.05 },
  { quantile: 0.9, error: 0.01 },
  { quantile: 0.99, error: 0.001 },
]

/** Numbers that look random and are the same each time. */
function* sequence(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

function insert(stream: QuantileStream, values: readonly number[], weights?: readonly number[]): void {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  stream.insert(
    Float64Array.from(order, (index) => values[index] ?? 0),
    Float64Array.from(order, (index) => weights?.[index] ?? 1),
  )
}

/** How far the rank of the answer is from the rank asked for, as a share of all values. */
function rankError(
  values: readonly number[],
  weights: readonly number[],
  quantile: number,
  answer: number,
): number {
  const count = weights.reduce((sum, weight) => sum + weight, 0)
  let below = 0
  let upTo = 0
  for (const [index, value] of values.entries()) {
    if (value < answer) below += weights[index] ?? 1
    if (value <= answer) upTo += weights[index] ?? 1
  }
  const wanted = Math.max(1, Math.ceil(quantile * count))
  return Math.max(0, below + 1 - wanted, wanted - upTo) / count
}

const shapes: readonly (readonly [string, (random: number, index: number) => number])[] = [
  ['even', (random) => random],
  ['ascending', (_, index) => index],
  ['descending', (_, index) => -index],
  ['few different', (random) => Math.floor(random * 7)],
  ['all the same', () => 3],
  ['with a long tail', (random) => 1 / (1.000_001 - random) ** 2],
]

describe('ranks are no more wrong than asked for', () => {
  test.each(shapes.flatMap(([name, of]) => [1, 100, 5_000].map((piece) => [name, piece, of] as const)))(
    '%s, %i at a time',
    (_, piece, of) => {
      const random = sequence(piece)
      const stream = new QuantileStream(new QuantileTargets(DEFAULTS))
      const values: number[] = []
      const weights: number[] = []
      while (values.length < 5_000) {
        const added = Array.from({ length: piece }, (_unused, index) =>
          of(random.next().value, values.length + index),
        )
        const addedWeights = added.map(() => (random.next().value < 0.01 ? 50 : 1))
        insert(stream, added, addedWeights)
        values.push(...added)
        weights.push(...addedWeights)
      }
      for (const { quantile, error } of DEFAULTS)
        expect(rankError(values, weights, quantile, stream.quantile(quantile))).toBeLessThanOrEqual(error)
      expect(stream.size).toBeLessThan(600)
    },
  )

  test('few values are answered exactly', () => {
    const stream = new QuantileStream(new QuantileTargets(DEFAULTS))
    insert(stream, [3, 1, 2])
    expect([0, 0.34, 0.5, 0.9, 1].map((quantile) => stream.quantile(quantile))).toEqual([1, 2, 2, 3, 3])
  })

  test('the lowest and the highest stay what they are, if asked for', () => {
    const random = sequence(1)
    const values = Array.from({ length: 10_000 }, () => random.next().value)
    const targets = [
      { quantile: 0, error: 0 },
      { quantile: 1, error: 0 },
    ]
    const stream = new QuantileStream(new QuantileTargets(targets))
    for (let from = 0; from < values.length; from += 100) insert(stream, values.slice(from, from + 100))
    expect([stream.quantile(0), stream.quantile(1)]).toEqual([Math.min(...values), Math.max(...values)])
    expect(stream.size).toBeLessThan(10)
  })

  test('one value that came often is not passed over', () => {
    const stream = new QuantileStream(new QuantileTargets(DEFAULTS))
    insert(stream, [1, 5, 9], [1, 1_000, 1])
    expect(DEFAULTS.map(({ quantile }) => stream.quantile(quantile))).toEqual([5, 5, 5])
  })

  test('no error at all is had of two thousand different values, and memory has its bound beyond', () => {
    const stream = new QuantileStream(new QuantileTargets([{ quantile: 0.5, error: 0 }]))
    const values = Array.from({ length: 50_000 }, (_, index) => (index * 7_919) % 50_000)
    for (let from = 0; from < values.length; from += 500) {
      insert(stream, values.slice(from, from + 500))
      if (from === 1_500) expect(stream.quantile(0.5)).toBe(values.slice(0, 2_000).sort((a, b) => a - b)[999])
    }
    expect(stream.size).toBeLessThanOrEqual(2_000)
    expect(Math.abs(stream.quantile(0.5) - 25_000)).toBeLessThan(500)
  })

  test('of no values', () => {
    expect(new QuantileStream(new QuantileTargets(DEFAULTS)).quantile(0.5)).toBeNaN()
  })
})

describe('a summary looks back', () => {
  const options = { quantiles: DEFAULTS, maxAgeMs: 1_000, ageBuckets: 5, bufferCapacity: 0 }
  const one = (value: number): [Float64Array, Float64Array] => [Float64Array.of(value), Float64Array.of(1)]

  test('as far as its age says', () => {
    const window = new SummaryWindow(options, 0)
    window.insert(...one(1), 0)
    window.insert(...one(2), 500)
    const seen = [0, 999, 1_000, 1_399, 1_400].map((nowMs) => window.quantile(0.5, nowMs))
    expect(seen).toEqual([1, 1, 2, 2, Number.NaN])
  })

  test('after a long silence nothing is left, and it goes on', () => {
    const window = new SummaryWindow(options, 0)
    window.insert(...one(1), 0)
    window.insert(...one(2), 100_000)
    expect(window.quantile(0.99, 100_100)).toBe(2)
    expect(window.quantile(0.99, 101_200)).toBeNaN()
  })

  test('a clock that goes back changes nothing', () => {
    const window = new SummaryWindow(options, 10_000)
    window.insert(...one(1), 10_000)
    expect(window.quantile(0.5, 0)).toBe(1)
  })
})
