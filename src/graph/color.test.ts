import { expect, test } from 'vitest'
import { luminance, mixColors, parseColor } from './color.ts'

test.each([
  ['blue', '#6464ff', 1],
  ['Black', '#000000', 1],
  ['darkgrey', '#6f6f6f', 1],
  ['ff8800', '#ff8800', 1],
  ['#FF8800', '#ff8800', 1],
  ['ff000080', '#ff0000', 128 / 255],
  [' 00000000 ', '#000000', 0],
  ['transparent', '#ffffff', 0],
])('"%s" is the colour %s', (text, hex, opacity) => {
  expect(parseColor(text)).toEqual({ hex, opacity })
})

test.each(['', 'blu', '#fff', 'ff88', 'ff8800ff0', 'url(#x)', '"><script>', 'ff8800;', 'constructor'])(
  '"%s" is none',
  (text) => expect(parseColor(text)).toBeUndefined(),
)

test('colours are mixed and weighed', () => {
  expect(mixColors('#000000', '#ffffff', 0.5)).toBe('#808080')
  expect(luminance('#000000')).toBe(0)
  expect(luminance('#ffffff')).toBeCloseTo(1)
})
