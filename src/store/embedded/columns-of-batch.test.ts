import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOfPoints, OrderRoom } from './columns-of-batch.ts'

test('points are ordered by number, then time, and the last of one time counts, whatever their order', () => {
  const room = new OrderRoom()
  const point = fc.tuple(fc.oneof(fc.nat({ max: 6 }), fc.constant(5_000)), fc.nat({ max: 6 }))
  fc.assert(
    fc.property(fc.array(point, { maxLength: 60 }), (points) => {
      const wanted = new Map<number, number[]>()
      for (const [place, [number, timeMs]] of points.entries())
        wanted.set(number * 100 + timeMs, [number, timeMs, place])
      const columns = columnsOfPoints(
        Uint32Array.from(points, ([number]) => number),
        {
          timesMs: Float64Array.from(points, ([, timeMs]) => timeMs),
          values: Float64Array.from(points.keys()),
        },
        room,
      )
      const found = Array.from(columns.numbers, (number, index) => [
        number,
        columns.timesMs[index],
        columns.values[index],
      ])
      expect(found).toEqual([...wanted].sort(([a], [b]) => a - b).map(([, one]) => one))
    }),
  )
})

test('points of all series of one time, then those of the next, are ordered as they came', () => {
  const numbers = Uint32Array.from({ length: 300 }, (_, index) => 7 + (index % 100))
  const timesMs = Float64Array.from({ length: 300 }, (_, index) => 1_000 * Math.floor(index / 100))
  const values = Float64Array.from({ length: 300 }, (_, index) => index)
  const columns = columnsOfPoints(numbers, { timesMs, values })
  expect([...columns.numbers.subarray(0, 4)]).toEqual([7, 7, 7, 8])
  expect([...columns.timesMs.subarray(0, 4)]).toEqual([0, 1_000, 2_000, 0])
  expect([...columns.values.subarray(0, 4)]).toEqual([0, 100, 200, 1])
  expect(columns.numbers.at(-1)).toBe(106)
})
