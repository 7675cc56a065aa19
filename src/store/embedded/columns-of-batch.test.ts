import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOfPoints } from './columns-of-batch.ts'

test('points are ordered by number, then time, and the last of one time counts, whatever their order', () => {
  const point = fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 }))
  fc.assert(
    fc.property(fc.array(point, { maxLength: 60 }), (points) => {
      const wanted = new Map<number, number[]>()
      for (const [place, [number, timeMs]] of points.entries())
        wanted.set(number * 100 + timeMs, [number, timeMs, place])
      const columns = columnsOfPoints(
        Uint32Array.from(points, ([number]) => number),
        {
          kind: 'number',
          series: [],
          timesMs: Float64Array.from(points, ([, timeMs]) => timeMs),
          values: Float64Array.from(points.keys()),
        },
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
