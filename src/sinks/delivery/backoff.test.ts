import { expect, test } from 'vitest'
import { backoffDelayMs, retryDelayMs } from './backoff.ts'

const backoff = { initialMs: 1_000, maximumMs: 30_000 }

test.each([
  // failures, random, wanted
  [1, 0, 500],
  [1, 0.5, 750],
  [2, 0, 1_000],
  [2, 0.5, 1_500],
  [5, 0.5, 12_000],
  [6, 0, 15_000],
  [6, 0.5, 22_500],
  [2_000, 0.5, 22_500],
])('after %d failures, with chance at %d, the pause is %d ms', (failures, random, wanted) => {
  expect(backoffDelayMs(backoff, failures, () => random)).toBe(wanted)
})

test.each([
  // failures, asked ms, random, wanted
  [1, undefined, 0.5, 750],
  [1, 500, 0.5, 750],
  [1, 60_000, 0, 60_000],
  [1, 60_000, 0.5, 63_000],
  [20, 10_000, 0.5, 22_500],
  [1, 86_400_000, 0, 600_000],
  [1, -5, 0.5, 750],
])(
  'after %d failures, asked to wait %s ms, with chance at %d, it is %d ms',
  (failures, askedMs, random, wanted) => {
    expect(retryDelayMs(backoff, { failures, askedMs, random: () => random })).toBe(wanted)
  },
)
