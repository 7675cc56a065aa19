import { expect, test } from 'vitest'
import { formatNumber } from './printf.ts'

// Each as Python's `template % value` gives it.
test.each([
  ['Channel %d MHz', 101.9, 'Channel 101 MHz'],
  ['%d', -0.5, '0'],
  ['%i %%', 3, '3 %'],
  ['%s', 101, '101.0'],
  ['%.2s', 101, '10'],
  ['%f', 1.5, '1.500000'],
  ['%.0f', 2.5, '2'],
  ['%.2f', 0.125, '0.12'],
  ['%.f', 1.5, '2'],
  ['%8.2f|', -1.234, '   -1.23|'],
  ['%-8.2f|', 1.234, '1.23    |'],
  ['%08.2f', -1.234, '-0001.23'],
  ['%+d', 7, '+7'],
  ['% d', 7, ' 7'],
  ['%+05d', 7, '+0007'],
  ['%e', 12345.678, '1.234568e+04'],
  ['%.1E', 0.00012, '1.2E-04'],
  ['%g', 1e6, '1e+06'],
  ['%g', 0.5, '0.5'],
  ['%.3g', 1234.5, '1.23e+03'],
  ['%.10g', 1234.5, '1234.5'],
  ['%G', 1e-10, '1E-10'],
])('%s of %d is %s', (template, value, wanted) => {
  expect(formatNumber(template, value)).toBe(wanted)
})

test.each(['', 'no place', '%d %d', '%', '100%', '%x', '%5', '%(name)d', '%*d', '%99999d', '%.99f'])(
  '"%s" has no place for a number',
  (template) => {
    expect(formatNumber(template, 1)).toBeUndefined()
  },
)
