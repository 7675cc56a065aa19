import { expect, test } from 'vitest'
import type { TimerDetail } from '../../model/flush-details.ts'
import type { TimerSketch } from '../../model/timer-sketch.ts'
import { weightedValues } from './weighted-values.ts'

const detail = (more: Partial<TimerDetail>): TimerDetail => ({
  metricKey: 't',
  kind: 'distribution',
  values: new Float64Array(),
  ...more,
})

const SKETCH: TimerSketch = {
  isWeighted: true,
  valueCount: 6,
  weightedCount: 6,
  sum: 0,
  sumSquares: 0,
  squaredDifferences: 0,
  lower: -2,
  upper: 4,
  scale: 0,
  zeroWeight: 1,
  // (-2, -1], then (2, 4] with a bucket without values before it.
  negative: { first: 0, weights: Float64Array.of(2) },
  positive: { first: 0, weights: Float64Array.of(0, 3) },
}

test.each([
  ['as they are', detail({ values: Float64Array.of(3, 1, 2) }), 10, [3, 1, 2]],
  [
    'as often as they weigh',
    detail({ values: Float64Array.of(1, 2), weights: Float64Array.of(2, 3) }),
    10,
    [1, 1, 2, 2, 2],
  ],
  [
    'with fractions that add up',
    detail({ values: Float64Array.of(1, 2, 3, 4), weights: Float64Array.of(1.25, 1.25, 1.25, 1.25) }),
    10,
    [1, 2, 2, 3, 4],
  ],
  ['fewer in proportion', detail({ values: Float64Array.of(1, 1, 2, 2) }), 2, [1, 2]],
  ['nothing of nothing', detail({}), 10, []],
])('%s', (_, timer, most, wanted) => {
  expect(weightedValues(timer, most)).toEqual(wanted)
})

test('of a sketch, within its bounds', () => {
  const values = weightedValues(detail({ sketch: SKETCH }), 100)
  expect(values).toHaveLength(6)
  expect(values.filter((value) => value < 0 && value >= -2)).toHaveLength(2)
  expect(values.filter((value) => value === 0)).toHaveLength(1)
  expect(values.filter((value) => value > 2 && value <= 4)).toHaveLength(3)
})

test('a sketch of a million is as many as may be', () => {
  const many = { ...SKETCH, positive: { first: 0, weights: Float64Array.of(1e6, 1e6) } }
  expect(weightedValues(detail({ sketch: many }), 1_000)).toHaveLength(1_000)
})
