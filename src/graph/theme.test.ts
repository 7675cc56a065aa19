import { expect, test } from 'vitest'
import { luminance, parseColor } from './color.ts'
import { createTheme } from './theme.ts'

const contrast = (a: string, b: string): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

test.each([
  '',
  'default',
  'dark',
  'graphite',
  'noc',
  'plain',
  'summary',
  'alphas',
  'nobody-has-this',
  '__proto__',
])('text of the template "%s" can be read on it', (template) => {
  const { ink, softInk, background } = createTheme(template, {})
  expect(contrast(ink.hex, background.hex)).toBeGreaterThan(7)
  expect(contrast(softInk.hex, background.hex)).toBeGreaterThan(4.5)
})

test.each([
  ['black', 'dark'],
  ['1b2b34', 'dark'],
  ['white', 'light'],
  ['fdf6e3', 'light'],
  ['00000000', 'light'],
])('on a background of %s all else is for %s ones', (background, tone) => {
  const theme = createTheme('', { background: parseColor(background) })
  expect(theme.tone).toBe(tone)
  expect(luminance(theme.ink.hex) > 0.5).toBe(tone === 'dark')
})

test('parameters go before the template', () => {
  const theme = createTheme('graphite', {
    background: parseColor('white'),
    foreground: parseColor('red'),
    lineColors: undefined,
  })
  expect(theme.background.hex).toBe('#ffffff')
  expect(theme.ink.hex).toBe('#c80032')
  expect(theme.lineColors?.[0]?.hex).toBe('#6464ff')
})
