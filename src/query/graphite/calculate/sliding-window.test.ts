import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AGGREGATIONS } from '../aggregation-name.ts'
import { aggregateValues } from './aggregate-values.ts'
import { slideWindow } from './sliding-window.ts'

describe.each(AGGREGATIONS)('%s', (aggregation) => {
  test('of each run is what it is of the values of the run', () => {
    const value = fc.option(fc.integer({ min: -50, max: 50 }), { nil: Number.NaN, freq: 3 })
    const input = fc.record({
      values: fc.array(value, { maxLength: 40 }),
      length: fc.integer({ min: 0, max: 45 }),
      xFilesFactor: fc.constantFrom(0, 0.25, 1 / 3, 0.5, 1, 2),
    })
    fc.assert(
      fc.property(input, ({ values, length, xFilesFactor }) => {
        const found = slideWindow(Float64Array.from(values), length, aggregation, { xFilesFactor })
        expect(found.length).toBe(Math.max(0, values.length - length + 1))
        for (const [run, one] of found.entries()) {
          const present = values.slice(run, run + length).filter((each) => !Number.isNaN(each))
          const isEnough = present.length > 0 && present.length / length >= xFilesFactor
          const wanted = isEnough ? aggregateValues(Float64Array.from(present), aggregation) : Number.NaN
          if (Number.isNaN(wanted)) expect(one).toBeNaN()
          else expect(Math.abs(one - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)))
        }
      }),
    )
  })
})

test('a huge value leaves no trace when it has left the window', () => {
  const values = Float64Array.from([1e300, 1, 2, 3, 4, -1e300, 5, 6, 7])
  expect([...slideWindow(values, 2, 'sum', { xFilesFactor: 0 })].slice(6)).toEqual([11, 13])
  expect([...slideWindow(values, 2, 'sum', { xFilesFactor: 0 })].slice(1, 4)).toEqual([3, 5, 7])
})
