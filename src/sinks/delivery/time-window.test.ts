import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import { TimeWindow } from './time-window.ts'

test('judges by the time that a batch was first tried at', () => {
  const clock = new FakeClock()
  const startMs = clock.nowMs()
  const window = new TimeWindow({ mostAgeMs: 3_600_000, mostAheadMs: 1_800_000, clock })
  const batch = {}
  const check = (judge: (timeMs: number) => string | undefined) =>
    [-3_600_001, -3_600_000, 0, 1_800_000, 1_800_001].map((ms) => judge(startMs + ms))
  const wanted = ['it is older than 1 h', undefined, undefined, undefined, 'it is more than 0.5 h ahead']
  expect(check(window.judgeFor(batch))).toEqual(wanted)
  clock.advance(1_000)
  expect(check(window.judgeFor(batch))).toEqual(wanted)
  expect(window.judgeFor({})(startMs - 3_599_500)).toBe('it is older than 1 h')
})
