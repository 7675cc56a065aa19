import { expect, test } from 'vitest'
import { type StackedSeries, stackAreas } from './stack-areas.ts'

const _ = Number.NaN

function stacked(values: number[], more: Partial<StackedSeries> & { step?: number } = {}): StackedSeries {
  const { step = 10, ...rest } = more
  return {
    series: {
      name: 'a',
      startSeconds: 0,
      stepSeconds: step,
      values: Float64Array.from(values),
      consolidation: 'average',
    },
    isOnRight: false,
    isStacked: true,
    isInvisible: false,
    isSum: false,
    ...rest,
  }
}

test.each<[what: string, all: StackedSeries[], values: number[][], lower: (number[] | undefined)[]]>([
  [
    'sums, over gaps',
    [stacked([1, 2, _, 3]), stacked([4, _, 1, 1])],
    [
      [1, 2, _, 3],
      [5, _, 1, 4],
    ],
    [
      [_, _, _, _],
      [1, 2, _, 3],
    ],
  ],
  [
    'what are sums already, which are not summed again',
    [stacked([1, 2], { isSum: true }), stacked([5, 6], { isSum: true })],
    [
      [1, 2],
      [5, 6],
    ],
    [
      [_, _],
      [1, 2],
    ],
  ],
  [
    'bands on the lower side of each alone',
    [
      stacked([10, 10], { isSum: true, isInvisible: true }),
      stacked([20, 20], { isSum: true }),
      stacked([1, 1], { isSum: true, isInvisible: true }),
      stacked([5, 5], { isSum: true }),
    ],
    [
      [10, 10],
      [20, 20],
      [1, 1],
      [5, 5],
    ],
    [
      [_, _],
      [10, 10],
      [20, 20],
      [1, 1],
    ],
  ],
  [
    'each axis apart',
    [stacked([1]), stacked([2], { isOnRight: true }), stacked([3])],
    [[1], [2], [4]],
    [[_], [_], [1]],
  ],
  [
    'nothing on what is not stacked',
    [stacked([1], { isStacked: false }), stacked([2])],
    [[1], [2]],
    [undefined, [_]],
  ],
  [
    'steps of two lengths, in the finer one',
    [stacked([1, 2], { step: 20 }), stacked([1, 1, 1, 1])],
    [
      [1, 1, 2, 2],
      [2, 2, 3, 3],
    ],
    [
      [_, _, _, _],
      [1, 1, 2, 2],
    ],
  ],
])('puts on each other %s', (_what, all, values, lower) => {
  const lines = stackAreas(all)
  expect(lines.map(({ series }) => [...series.values])).toEqual(values)
  expect(lines.map((line) => line.lower && [...line.lower])).toEqual(lower)
})
