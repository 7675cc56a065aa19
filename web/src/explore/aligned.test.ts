import { expect, test } from 'vitest'
import { alignSeries, copyAligned, OF_OTHERS, plotColumns, type SeriesColumn, valueAt } from './aligned.ts'

const GAP = Number.NaN
const column = (times: number[], values: number[]): SeriesColumn => ({
  times: Float64Array.from(times),
  values: Float64Array.from(values),
})

test('series of different steps share their times; a gap stays one, a time of others is none', () => {
  const aligned = alignSeries([column([10, 20, 30], [1, GAP, 3]), column([15], [7])])
  expect([...aligned.times]).toEqual([10, 15, 20, 30])
  expect(aligned.columns.map((one) => [...one])).toEqual([
    [1, OF_OTHERS, GAP, 3],
    [OF_OTHERS, 7, OF_OTHERS, OF_OTHERS],
  ])
  expect(plotColumns(aligned)).toEqual([
    [10, 15, 20, 30],
    [1, undefined, null, 3],
    [undefined, 7, undefined, undefined],
  ])
  expect([0, 1, 2, 3, 4].map((index) => valueAt(aligned.columns[0], index))).toEqual([
    1,
    undefined,
    undefined,
    3,
    undefined,
  ])
})

test('series of one grid are put side by side, of two grids of one length not', () => {
  const first = column([10, 20], [1, GAP])
  expect(plotColumns(alignSeries([first, column([10, 20], [2, 4])]))).toEqual([
    [10, 20],
    [1, null],
    [2, 4],
  ])
  expect([...alignSeries([first, column([10, 21], [2, 4])]).times]).toEqual([10, 20, 21])
})

test('a series without a point among others, and no series at all', () => {
  expect(plotColumns(alignSeries([column([], []), column([10], [1])]))).toEqual([[10], [undefined], [1]])
  expect(plotColumns(alignSeries([]))).toEqual([[]])
})

test('a copy has all of it in memory of its own, which can be given away', () => {
  const aligned = alignSeries([column([10, 20], [1, 2])])
  const { copy, buffer } = copyAligned(aligned)
  const moved = structuredClone(copy, { transfer: [buffer] })
  expect(buffer.byteLength).toBe(0)
  expect(plotColumns(moved)).toEqual([
    [10, 20],
    [1, 2],
  ])
  expect(plotColumns(aligned)).toEqual(plotColumns(moved))
})
