import { expect, test } from 'vitest'
import { consolidate, consolidateColumns } from './consolidate-columns.ts'
import type { GraphSeries } from './graph-series.ts'

const _ = Number.NaN
const series = (values: number[], more: Partial<GraphSeries> = {}): GraphSeries => ({
  name: 'a',
  startSeconds: 100,
  stepSeconds: 10,
  values: Float64Array.from(values),
  consolidation: 'average',
  ...more,
})

test.each([
  ['average', 3],
  ['avg_zero', 2],
  ['sum', 6],
  ['max', 4],
  ['min', 2],
  ['first', 2],
  ['last', 4],
] as const)('%s of 2, a gap and 4 is %d', (rule, wanted) => {
  expect(consolidate(Float64Array.of(2, _, 4), 0, 3, rule)).toBe(wanted)
  expect(consolidate(Float64Array.of(_, _), 0, 2, rule)).toBeNaN()
})

test.each<
  [what: string, given: GraphSeries, width: number, minXStep: number, wanted: [number, number, number[]]]
>([
  ['there is room for all', series([1, 2, 3, 4]), 4, 1, [100, 10, [1, 2, 3, 4]]],
  ['there is half the room', series([1, 3, 5, 7]), 2, 1, [100, 20, [2, 6]]],
  ['points are two pixels apart', series([1, 3, 5, 7]), 4, 2, [100, 20, [2, 6]]],
  // 110 to 120 is the second half of a column.
  ['it begins within a column', series([1, 3, 5, 7], { startSeconds: 110 }), 2, 1, [100, 20, [1, 4, 7]]],
  ['a column is empty', series([_, _, 5, 7]), 2, 1, [100, 20, [_, 6]]],
  ['half of a column is not enough', series([_, 1, 5, 7], { xFilesFactor: 0.6 }), 2, 1, [100, 20, [_, 6]]],
  ['there is no point', series([]), 2, 1, [100, 10, []]],
])('where %s', (_what, given, widthPixels, minXStep, wanted) => {
  const { startSeconds, stepSeconds, values } = consolidateColumns(given, {
    rangeSeconds: 40,
    widthPixels,
    minXStep,
  })
  expect([startSeconds, stepSeconds, [...values]]).toEqual(wanted)
})
