import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FlushOrder } from './flush-order.ts'

test('a flush is ordered by number, each once with its last value, also when the numbers are those of the flush before', () => {
  const flushes = fc.array(
    fc.record({
      numbers: fc.array(fc.oneof(fc.nat({ max: 9 }), fc.constant(5_000)), { maxLength: 30 }),
      times: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(flushes, (list) => {
      const order = new FlushOrder()
      let value = 0
      for (const { numbers, times } of list) {
        const column = Uint32Array.from(numbers)
        for (let time = 0; time < times; time++) {
          const values = Float64Array.from(numbers, () => value++)
          const found = order.columns(column, values)
          const wanted = new Map(numbers.map((number, place) => [number, values[place]]))
          expect(Array.from(found.numbers, (number, place) => [number, found.values[place]])).toEqual(
            [...wanted].sort(([a], [b]) => a - b),
          )
          expect(found.values.length).toBe(found.numbers.length)
        }
      }
    }),
  )
})
