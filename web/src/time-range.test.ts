import { describe, expect, test } from 'vitest'
import { automaticSpan, mergedStep } from './time-range.ts'

describe('the automatic range begins with the first data', () => {
  const minutes = (count: number) => count * 60_000
  const cases: [what: string, ageMs: number, spanSeconds: number][] = [
    ['none yet', Number.NEGATIVE_INFINITY, 300],
    ['just now', 0, 300],
    ['in the future, by a clock that is wrong', minutes(-5), 300],
    ['four minutes ago', minutes(4), 300],
    ['five minutes and a second ago', minutes(5) + 1000, 360],
    ['forty minutes ago', minutes(40), 2400],
    ['a year ago', minutes(525_600), 3600],
  ]
  test.each(cases)('%s', (_what, ageMs, spanSeconds) => {
    const nowMs = 1_700_000_000_000
    expect(automaticSpan(nowMs - ageMs, nowMs)).toBe(spanSeconds)
  })
})

describe('the step of a span', () => {
  const cases: [what: string, spanSeconds: number, stepSeconds: number, maxPoints: number, merged: number][] =
    [
      ['few points are left alone', 300, 10, 90, 10],
      ['as many as fit, too', 900, 10, 90, 10],
      ['more become a round step', 3600, 10, 90, 60],
      ['a day', 86_400, 10, 90, 1200],
      ['a flush of a second', 3600, 1, 300, 15],
      ['a round step has to be whole flushes', 3600, 7, 90, 42],
      ['flushes longer than any round step', 86_400, 3000, 2, 45_000],
    ]
  test.each(cases)('%s', (_what, spanSeconds, stepSeconds, maxPoints, merged) => {
    expect(mergedStep(spanSeconds, stepSeconds, maxPoints)).toBe(merged)
  })
})
