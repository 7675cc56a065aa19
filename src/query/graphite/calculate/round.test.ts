import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundTo } from './round.ts'

// Rounded by Python.
test.each([
  [0.5, 0, 0.0],
  [1.5, 0, 2.0],
  [2.5, 0, 2.0],
  [-0.5, 0, -0],
  [-1.5, 0, -2.0],
  [2.675, 2, 2.67],
  [1.005, 2, 1.0],
  [0.125, 2, 0.12],
  [0.375, 2, 0.38],
  [1234.5, -2, 1200.0],
  [1250.0, -2, 1200.0],
  [1350.0, -2, 1400.0],
  [1150.0, -2, 1200.0],
  [-1250.0, -2, -1200.0],
  [5.0, -1, 0.0],
  [15.0, -1, 20.0],
  [25.0, -1, 20.0],
  [0.1, 6, 0.1],
  [0.3333333333333333, 6, 0.333333],
  [0.6666666666666666, 6, 0.666667],
  [1e300, 2, 1e300],
  [1e22, -3, 1e22],
  [123456789.1234567, 6, 123456789.123457],
  [1e-7, 6, 0.0],
  [5e-7, 6, 0.0],
  [1.5e-6, 6, 2e-6],
  [2.5e-6, 6, 3e-6],
  [5e-7, 6, 0.0],
  [1000000000000000.5, 0, 1000000000000000.0],
  [4503599627370498.0, 0, 4503599627370498.0],
  [1e-320, 3, 0.0],
  [9.995, 2, 9.99],
])('%d to %d digits is %d', (value, digits, rounded) => {
  expect(roundTo(value, digits)).toBe(rounded)
})

test('what is rounded stays as it is when it is rounded again, and is as near as can be', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
  fc.assert(
    fc.property(number, fc.integer({ min: -3, max: 9 }), (value, digits) => {
      const rounded = roundTo(value, digits)
      expect(roundTo(rounded, digits)).toBe(rounded)
      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits + Math.abs(value) * 1e-15)
    }),
  )
})
