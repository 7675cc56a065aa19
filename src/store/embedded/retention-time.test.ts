import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { RetentionTime } from './retention-time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START_MS = 1_700_000_000_000

test('it is that of the clock, also when the clock steps back', () => {
  const clock = new FakeClock(START_MS)
  const time = new RetentionTime(clock)
  expect(time.nowMs()).toBe(START_MS)
  clock.advance(100 * DAY_MS)
  expect(time.nowMs()).toBe(START_MS + 100 * DAY_MS)
  clock.stepWallClock(-DAY_MS)
  expect(time.nowMs()).toBe(START_MS + 99 * DAY_MS)
})

test('a clock that leaps ahead is followed a day in an hour, and right again it is that of the clock', () => {
  const clock = new FakeClock(START_MS)
  const time = new RetentionTime(clock)
  clock.stepWallClock(3_650 * DAY_MS)
  expect(time.nowMs()).toBe(START_MS)
  clock.advance(HOUR_MS)
  expect(time.nowMs()).toBe(START_MS + DAY_MS)
  clock.stepWallClock(-3_650 * DAY_MS)
  expect(time.nowMs()).toBe(START_MS + HOUR_MS)
})

test('a clock that leaps an hour has been caught up with in minutes', () => {
  const clock = new FakeClock(START_MS)
  const time = new RetentionTime(clock)
  clock.stepWallClock(HOUR_MS)
  expect(time.nowMs()).toBe(START_MS)
  clock.advance(3 * 60_000)
  expect(time.nowMs()).toBe(clock.nowMs())
})
