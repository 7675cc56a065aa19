import { expect, test } from 'vitest'
import { colorOf, PALETTE as PAGE_PALETTE } from '../../web/src/palette.ts'
import { PALETTE, stableColors } from './palette.ts'

test('an image has the colours of the page', () => {
  expect(PALETTE.light).toEqual(PAGE_PALETTE.map(({ light }) => light))
  expect(PALETTE.dark).toEqual(PAGE_PALETTE.map(({ dark }) => dark))
  for (const name of ['hello', 'shop.checkout', '__proto__', '', 'x'.repeat(3_000)]) {
    expect(stableColors([name], 'light')).toEqual([colorOf(name).light])
    expect(stableColors([name], 'dark')).toEqual([colorOf(name).dark])
  }
})

test('in one graph no colour comes twice as long as there are enough', () => {
  const names = Array.from({ length: 12 }, (_, i) => `web${i}`)
  for (const tone of ['light', 'dark'] as const) expect(new Set(stableColors(names, tone)).size).toBe(12)
})

test('a series that joins at the end changes no other', () => {
  const names = Array.from({ length: 20 }, (_, i) => `web${i}`)
  expect(stableColors(names, 'light').slice(0, 8)).toEqual(stableColors(names.slice(0, 8), 'light'))
})
