import { describe, expect, test } from 'vitest'
import { intervalEndAt, nextIntervalEnd } from './interval.ts'
import { OpenInterval } from './open-interval.ts'

const INTERVAL_MS = 10_000
const open = (nowMs: number, notBeforeMs = 0) =>
  new OpenInterval({ intervalMs: INTERVAL_MS, nowMs, notBeforeMs })

describe('the end of an interval', () => {
  test.each([
    [0, 10_000],
    [1, 10_000],
    [9_999, 10_000],
    [10_000, 20_000],
    [1_700_000_000_000, 1_700_000_010_000],
    [1_700_000_009_999, 1_700_000_010_000],
  ])('at %d is %d', (nowMs, endMs) => {
    expect(intervalEndAt(nowMs, INTERVAL_MS)).toBe(endMs)
  })

  test.each([
    [5_000, 0, 10_000],
    [5_000, 10_000, 20_000],
    [5_000, 30_000, 40_000],
    [55_000, 30_000, 60_000],
    // The last one was flushed under another interval.
    [13_000, 15_000, 20_000],
  ])('at %d after one of %d is %d', (nowMs, lastEndMs, endMs) => {
    expect(nextIntervalEnd(nowMs, lastEndMs, INTERVAL_MS)).toBe(endMs)
  })
})

describe('an open interval', () => {
  test('is due at its end and not before', () => {
    const interval = open(1_000)
    expect(interval.isDue(9_999)).toBe(false)
    expect(interval.isDue(10_000)).toBe(true)
    expect(interval.close(10_000)).toBe(10_000)
    expect(interval.endMs).toBe(20_000)
  })

  test('keeps its own end when the clock jumps forward, and the next is that of the new time', () => {
    const interval = open(1_000)
    expect(interval.isDue(95_000)).toBe(true)
    expect(interval.close(95_000)).toBe(10_000)
    expect(interval.endMs).toBe(100_000)
  })

  test('is held open when the clock steps back behind the last end', () => {
    const interval = open(1_000)
    interval.close(10_000)
    expect(interval.isDue(3_000)).toBe(false)
    expect(interval.isDue(12_000)).toBe(false)
    expect(interval.endMs).toBe(20_000)
  })

  test('ends sooner when a clock that was far ahead is set right', () => {
    const interval = open(86_400_000)
    expect(interval.isDue(21_000)).toBe(false)
    expect(interval.endMs).toBe(30_000)
  })

  test('closed early, it is followed by the next one', () => {
    const interval = open(1_000)
    expect(interval.close(2_000)).toBe(10_000)
    expect(interval.close(3_000)).toBe(20_000)
    expect(interval.isDue(10_000)).toBe(false)
    expect(interval.endMs).toBe(30_000)
    expect(interval.lastEndMs).toBe(20_000)
  })

  test('closed through a later end, it carries that end', () => {
    const interval = open(1_000)
    expect(interval.close(2_000, 30_000)).toBe(30_000)
    expect(interval.endMs).toBe(40_000)
  })

  test('begins after what was used already', () => {
    expect(open(1_000, 10_000).endMs).toBe(20_000)
  })

  test('refuses an interval of nothing', () => {
    expect(() => new OpenInterval({ intervalMs: 0, nowMs: 0, notBeforeMs: 0 })).toThrow('BUG')
  })
})
