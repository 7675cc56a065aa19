import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { FlushClock } from './flush-clock.ts'

const START_MS = 1_700_000_003_000
const INTERVAL_MS = 10_000

function setUp(notBeforeMs = 0) {
  const clock = new FakeClock(START_MS)
  const due: [endMs: number, atMs: number][] = []
  const flushClock = new FlushClock({
    clock,
    intervalMs: INTERVAL_MS,
    notBeforeMs,
    onDue: (endMs) => due.push([endMs - START_MS, clock.nowMs() - START_MS]),
  })
  flushClock.start()
  return { clock, due, flushClock }
}

test('each end is called at its time, aligned to the wall clock', () => {
  const { clock, due } = setUp()
  clock.advance(27_000)
  expect(due).toEqual([
    [7_000, 7_000],
    [17_000, 17_000],
    [27_000, 27_000],
  ])
})

test('after a jump forward the open interval is flushed under its own end, once, within a second', () => {
  const { clock, due, flushClock } = setUp()
  clock.advance(1_000)
  clock.stepWallClock(60_000)
  clock.advance(1_000)
  expect(due).toEqual([[7_000, 62_000]])
  expect(flushClock.intervalEndMs).toBe(START_MS + 67_000)
  clock.advance(5_000)
  expect(due[1]).toEqual([67_000, 67_000])
})

test('after a step back the open interval is held until the clock has caught up', () => {
  const { clock, due } = setUp()
  clock.advance(8_000)
  clock.stepWallClock(-30_000)
  clock.advance(38_000)
  expect(due).toEqual([[7_000, 7_000]])
  clock.advance(1_000)
  expect(due[1]).toEqual([17_000, 17_000])
})

test('an interval closed early is not due again', () => {
  const { clock, due, flushClock } = setUp()
  expect(flushClock.closeEarly() - START_MS).toBe(7_000)
  expect(flushClock.lastEndMs - START_MS).toBe(7_000)
  clock.advance(16_999)
  expect(due).toEqual([])
  clock.advance(1)
  expect(due).toEqual([[17_000, 17_000]])
})

test('what was flushed in an earlier life is not flushed again', () => {
  const { clock, due } = setUp(START_MS + 7_000)
  clock.advance(17_000)
  expect(due).toEqual([[17_000, 17_000]])
})

test('a clock that was ahead at the start and is set right does not hold the first flush', () => {
  const { clock, due } = setUp()
  clock.stepWallClock(-86_400_000)
  clock.advance(7_000)
  expect(due).toEqual([[7_000 - 86_400_000, 7_000 - 86_400_000]])
})

test('stopped, it calls no more; stopping twice and starting twice are fine', () => {
  const { clock, due, flushClock } = setUp()
  flushClock.start()
  clock.advance(7_000)
  flushClock.stop()
  flushClock.stop()
  clock.advance(60_000)
  expect(due).toEqual([[7_000, 7_000]])
})
