import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { TimedPoints } from './calls.ts'
import { PointCollector } from './point-collector.ts'

function collect() {
  const clock = new FakeClock()
  const sent: TimedPoints[] = []
  const way = { isOpen: true, droppedPoints: 0 }
  const collector = new PointCollector({
    clock,
    send(points) {
      if (way.isOpen) sent.push(points)
      return way.isOpen
    },
    onDropped: (points) => (way.droppedPoints += points),
  })
  return { clock, sent, way, collector }
}

test('points wait at most a tenth of a second', () => {
  const { clock, sent, collector } = collect()
  collector.add({ key: 'a', timeMs: 1_000, value: 1.5 })
  collector.add({ key: 'b', timeMs: 2_000, value: -0 })
  expect(sent).toEqual([])
  clock.advance(100)
  expect(sent).toEqual([
    {
      keys: ['a', 'b'],
      types: ['untyped', 'untyped'],
      timesMs: Float64Array.of(1_000, 2_000),
      values: Float64Array.of(1.5, -0),
    },
  ])
  clock.advance(1_000)
  expect(sent.length).toBe(1)
})

test('a full batch leaves at once', () => {
  const { sent, collector } = collect()
  for (let i = 0; i < 12_000; i++) collector.add({ key: `k${i}`, timeMs: i, value: i })
  expect(sent.map((points) => points.keys.length)).toEqual([5_000, 5_000])
  collector.flush()
  expect(sent.at(-1)?.keys.at(-1)).toBe('k11999')
})

test('what cannot be sent is held, and sent in order when it can', () => {
  const { clock, sent, way, collector } = collect()
  way.isOpen = false
  for (let i = 0; i < 7_000; i++) collector.add({ key: `k${i}`, timeMs: i, value: i })
  clock.advance(10_000)
  expect(sent).toEqual([])
  way.isOpen = true
  collector.resume()
  expect(sent.map(({ keys }) => keys.length)).toEqual([5_000, 2_000])
  clock.advance(100)
  expect(sent.flatMap(({ keys }) => keys)).toEqual(Array.from({ length: 7_000 }, (_, i) => `k${i}`))
  expect(way.droppedPoints).toBe(0)
})

test('of more than a million held points the oldest are dropped, and counted', () => {
  const { clock, sent, way, collector } = collect()
  way.isOpen = false
  for (let i = 0; i < 1_010_000; i++) collector.add({ key: 'k', timeMs: i, value: i })
  expect(way.droppedPoints).toBe(10_000)
  way.isOpen = true
  clock.advance(100)
  expect(sent.reduce((sum, { keys }) => sum + keys.length, 0)).toBe(1_000_000)
  expect(sent[0]?.timesMs[0]).toBe(10_000)
})
