import { expect, test } from 'vitest'
import { colorOf, PALETTE } from '../palette.ts'
import { colorsOf } from './series-colors.ts'

test('a series that is alone has the colour of its name', () => {
  expect(colorsOf(['a.b'])[0]).toEqual({ ...colorOf('a.b'), isDashed: false })
})

test('no two of as many as there are colours are alike, and more than that are dashed', () => {
  const names = Array.from({ length: PALETTE.length * 2 }, (_, index) => `web${index}.cpu`)
  const colors = colorsOf(names)
  const first = colors.slice(0, PALETTE.length)
  expect(new Set(first.map(({ light }) => light)).size).toBe(PALETTE.length)
  expect(first.some(({ isDashed }) => isDashed)).toBe(false)
  expect(colors.slice(PALETTE.length).every(({ isDashed }) => isDashed)).toBe(true)
})
