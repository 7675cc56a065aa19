import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { TimedPoints } from './calls.ts'
import { PointCollector } from './point-collector.ts'

test('points wait at most a tenth of a second', () => {
  const clock = new FakeClock()
  const sent: TimedPoints[] = []
  const collector = new PointCollector(clock, (points) => sent.push(points))
  collector.add({ key: 'a', timeMs: 1_000, value: 1.5 })
  collector.add({ key: 'b', timeMs: 2_000, value: -0 })
  expect(sent).toEqual([])
  clock.advance(100)
  expect(sent).toEqual([
    { keys: ['a', 'b'], timesMs: Float64Array.of(1_000, 2_000), values: Float64Array.of(1.5, -0) },
  ])
  clock.advance(1_000)
  expect(sent.length).toBe(1)
})

test('a full batch leaves at once', () => {
  const sent: TimedPoints[] = []
  const collector = new PointCollector(new FakeClock(), (points) => sent.push(points))
  for (let i = 0; i < 12_000; i++) collector.add({ key: `k${i}`, timeMs: i, value: i })
  expect(sent.map((points) => points.keys.length)).toEqual([5_000, 5_000])
  collector.flush()
  expect(sent.at(-1)?.keys.at(-1)).toBe('k11999')
})
