import { expect, test } from 'vitest'
import { completeUntil, toDrawn } from './drawn-series.ts'

const NOW = 1_000_000

test.each([
  ['points as they came are whole when they are there', 10, 10, Number.POSITIVE_INFINITY],
  ['so are those of a series that comes more seldom than flushes', 60, 60, Number.POSITIVE_INFINITY],
  ['six in one: whole when the sixth has come', 60, 10, NOW - 50],
  ['of a tier, by flushes', 60, null, NOW - 50],
  ['of a tier as fine as flushes', 10, null, Number.POSITIVE_INFINITY],
])('%s', (_, stepSeconds, readStepSeconds, until) => {
  expect(completeUntil({ stepSeconds, readStepSeconds }, NOW, 10)).toBe(until)
})

test('two series of one colour differ in their lines', () => {
  const series = Array.from({ length: 7 }, (_, i) => ({
    target: `a.${i}`,
    stepSeconds: 10,
    readStepSeconds: 10,
  }))
  const drawn = toDrawn(series, { theme: 'dark', nowSeconds: NOW, flushSeconds: 10 })
  expect(drawn.filter(({ isDashed }) => isDashed)).toHaveLength(1)
  expect(new Set(drawn.map(({ color, isDashed }) => `${color}${isDashed}`)).size).toBe(7)
})
