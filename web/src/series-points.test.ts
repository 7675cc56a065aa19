import { expect, test } from 'vitest'
import { joinPoints, readPoints } from './series-points.ts'

function pointsOf(fromSeconds: number, untilSeconds: number, datapoints: [number | null, number][]) {
  return readPoints({ target: 'a', datapoints }, { fromSeconds, untilSeconds })
}

function pairsOf({ seconds, values }: ReturnType<typeof readPoints>) {
  return Array.from(seconds, (time, i) => [time, values[i]])
}

test('an answer is its points without the nulls, and their distance with them', () => {
  const points = pointsOf(0, 40, [
    [null, 10],
    [0, 20],
    [null, 30],
    [7, 40],
  ])
  expect(points).toMatchObject({ fromSeconds: 0, untilSeconds: 40, stepSeconds: 10 })
  expect(pairsOf(points)).toEqual([
    [20, 0],
    [40, 7],
  ])
})

test('no answer is no points, in a range that is known to have none', () => {
  const points = readPoints(undefined, { fromSeconds: 0, untilSeconds: 40 })
  expect(points).toMatchObject({ fromSeconds: 0, untilSeconds: 40, stepSeconds: undefined })
  expect(pairsOf(points)).toEqual([])
})

test('newer points continue older ones and replace what both have', () => {
  const older = pointsOf(0, 30, [
    [1, 10],
    [2, 20],
    [3, 30],
  ])
  // What was at 30 is gone, 20 was corrected by a late packet, 40 is new.
  const newer = pointsOf(10, 40, [
    [22, 20],
    [null, 30],
    [4, 40],
  ])
  const joined = joinPoints(older, newer, 0)
  expect(joined).toMatchObject({ fromSeconds: 0, untilSeconds: 40 })
  expect(pairsOf(joined)).toEqual([
    [10, 1],
    [20, 22],
    [40, 4],
  ])
})

test('what has left the window is let go', () => {
  const older = pointsOf(0, 30, [
    [1, 10],
    [2, 20],
    [3, 30],
  ])
  const joined = joinPoints(older, pointsOf(30, 40, [[4, 40]]), 20)
  expect(joined).toMatchObject({ fromSeconds: 20, untilSeconds: 40, stepSeconds: 10 })
  expect(pairsOf(joined)).toEqual([
    [30, 3],
    [40, 4],
  ])
  // The window jumped past everything that was known.
  expect(pairsOf(joinPoints(older, pointsOf(90, 100, [[9, 100]]), 90))).toEqual([[100, 9]])
})
