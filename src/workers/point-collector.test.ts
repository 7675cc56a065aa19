import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { TimedPoints } from './calls.ts'
import { SeriesByNumber } from './numbered-series.ts'
import { PointCollector } from './point-collector.ts'

function collect() {
  const clock = new FakeClock()
  const sent: TimedPoints[] = []
  const way = { isOpen: true, droppedPoints: 0, restarts: 0 }
  const collector = new PointCollector({
    clock,
    send(points) {
      if (way.isOpen) sent.push(points)
      return way.isOpen
    },
    onDropped: (points) => (way.droppedPoints += points),
    onRestart: () => way.restarts++,
  })
  return { clock, sent, way, collector }
}

/** The keys of all points, as the other end makes them out. */
function keysOf(sent: readonly TimedPoints[]): string[] {
  const byNumber = new SeriesByNumber()
  return sent.flatMap((points) => {
    byNumber.learn(points)
    return [...points.ids].map((number) => byNumber.keyOf(number))
  })
}

test('points wait at most a tenth of a second; a key crosses once', () => {
  const { clock, sent, collector } = collect()
  const number = collector.add({ key: 'a', timeMs: 1_000, value: 1.5 })
  collector.add({ key: 'a', type: 'gauge', timeMs: 2_000, value: -0 })
  expect(sent).toEqual([])
  clock.advance(100)
  expect(sent).toEqual([
    {
      newKeys: ['a', 'a'],
      newTypes: ['untyped', 'gauge'],
      newFrom: 0,
      ids: Uint32Array.of(0, 1),
      timesMs: Float64Array.of(1_000, 2_000),
      values: Float64Array.of(1.5, -0),
    },
  ])
  collector.addNumbered(number, 3_000, 2)
  collector.add({ key: 'b', timeMs: 3_000, value: 3 })
  clock.advance(100)
  expect(sent[1]).toMatchObject({ newKeys: ['b'], newFrom: 2, ids: Uint32Array.of(0, 2) })
  clock.advance(1_000)
  expect(sent.length).toBe(2)
})

test('a full batch leaves at once', () => {
  const { sent, collector } = collect()
  for (let i = 0; i < 140_000; i++) collector.add({ key: `k${i % 70_000}`, timeMs: i, value: i })
  expect(sent.map((points) => points.ids.length)).toEqual([65_536, 65_536])
  collector.flush()
  expect(keysOf(sent).at(-1)).toBe('k69999')
  expect(sent.flatMap(({ values }) => [...values])).toEqual(Array.from({ length: 140_000 }, (_, i) => i))
})

test('what cannot be sent is held, and sent in order when it can', () => {
  const { clock, sent, way, collector } = collect()
  way.isOpen = false
  for (let i = 0; i < 70_000; i++) collector.add({ key: `k${i}`, timeMs: i, value: i })
  clock.advance(10_000)
  expect(sent).toEqual([])
  way.isOpen = true
  collector.resume()
  expect(sent.map(({ ids }) => ids.length)).toEqual([65_536, 4_464])
  clock.advance(100)
  expect(keysOf(sent)).toEqual(Array.from({ length: 70_000 }, (_, i) => `k${i}`))
  expect(way.droppedPoints).toBe(0)
})

test('of more than a million held points the oldest are dropped, and counted; what the others are called is not', () => {
  const { clock, sent, way, collector } = collect()
  way.isOpen = false
  const batch = 65_536
  for (let i = 0; i < 16 * batch; i++) collector.add({ key: i < batch ? 'first' : 'k', timeMs: i, value: i })
  for (let i = 0; i < 5_000; i++) collector.add({ key: 'first', timeMs: 2_000_000, value: i })
  expect(way.droppedPoints).toBe(batch)
  way.isOpen = true
  clock.advance(100)
  expect(sent.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(15 * batch + 5_000)
  expect(new Set(keysOf(sent))).toEqual(new Set(['k', 'first']))
})

test('another keeper is told all keys again, before what was held', () => {
  const { clock, sent, way, collector } = collect()
  collector.add({ key: 'a', timeMs: 1, value: 1 })
  clock.advance(100)
  way.isOpen = false
  collector.add({ key: 'b', timeMs: 2, value: 2 })
  clock.advance(100)
  collector.add({ key: 'a', timeMs: 3, value: 3 })
  sent.length = 0
  way.isOpen = true
  collector.tellAgain()
  expect(keysOf(sent)).toEqual(['b', 'a'])
  collector.add({ key: 'c', timeMs: 4, value: 4 })
  collector.flush()
  expect(keysOf(sent)).toEqual(['b', 'a', 'c'])
})

test('numbers are given anew when there are a million, but not while points wait', () => {
  const { sent, way, collector } = collect()
  for (let i = 0; i < 1_000_000; i++) collector.add({ key: `k${i}`, timeMs: i, value: i })
  expect(way.restarts).toBe(0)
  collector.flush()
  way.isOpen = false
  collector.add({ key: 'l', timeMs: 1, value: 1 })
  collector.add({ key: 'm', timeMs: 1, value: 1 })
  expect(way.restarts).toBe(1)
  collector.flush()
  collector.tellAgain()
  way.isOpen = true
  sent.length = 0
  collector.flush()
  expect(keysOf(sent)).toEqual(['l', 'm'])
})

test('it is full while much is held, and says when nothing is', () => {
  const { way, collector } = collect()
  way.isOpen = false
  let wakes = 0
  collector.whenEmpty(() => wakes++)
  for (let i = 0; i < 99_999; i++) collector.add({ key: 'k', timeMs: i, value: i })
  expect(collector.isFull).toBe(false)
  collector.add({ key: 'k', timeMs: 1, value: 1 })
  expect(collector.isFull).toBe(true)
  collector.resume()
  expect(wakes).toBe(0)
  way.isOpen = true
  collector.resume()
  collector.resume()
  expect([collector.isFull, wakes]).toEqual([false, 1])
})
