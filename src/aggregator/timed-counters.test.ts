import { expect, test } from 'vitest'
import { TimedCounters } from './timed-counters.ts'

test('values of one metric and second add up; other seconds and other metrics are other sums', () => {
  const counters = new TimedCounters()
  expect(counters.add('a', 1_700_000_000_000, 2)).toBe(2)
  expect(counters.add('a', 1_700_000_000_999, 3)).toBe(5)
  expect(counters.add('a', 1_700_000_001_000, 3)).toBe(3)
  expect(counters.add('__proto__', 1_700_000_000_000, 7)).toBe(7)
  expect(counters.add('a', 1_700_000_000_000, 1)).toBe(6)
})

test('memory is bounded: what came first is forgotten', () => {
  const counters = new TimedCounters({ mostSums: 2 })
  counters.add('a', 0, 1)
  counters.add('b', 0, 1)
  counters.add('c', 0, 1)
  expect(counters.add('c', 0, 1)).toBe(2)
  expect(counters.add('a', 0, 1)).toBe(1)
})

test('a sum never becomes infinite', () => {
  const counters = new TimedCounters()
  counters.add('a', 0, Number.MAX_VALUE)
  expect(counters.add('a', 0, Number.MAX_VALUE)).toBe(Number.MAX_VALUE)
})
