import { expect, test } from 'vitest'
import type { FlushBatch } from './flush-batch.ts'
import type { SeriesIdentity } from './series-identity.ts'
import { SeriesReceiver, SeriesSender } from './series-link.ts'

const identity = (key: string): SeriesIdentity => ({
  key,
  metricKey: key,
  metricType: 'gauge',
  statistic: 'value',
  rollup: 'last',
})
const batchOf = (series: SeriesIdentity[], timestampMs = 10_000): FlushBatch => ({
  timestampMs,
  intervalMs: 10_000,
  series,
  values: Float64Array.from(series, (_, index) => index + 0.5),
  metricCounts: { counter: 0, gauge: series.length, timer: 0, set: 0 },
})
const cross = (message: unknown): never => structuredClone(message) as never

test('a batch arrives as it was sent, and an identity crosses once', () => {
  const sender = new SeriesSender()
  const receiver = new SeriesReceiver()
  const [a, b] = [identity('a'), identity('__proto__')]
  const first = sender.flush(batchOf([a, b]))
  expect(first.newSeries).toEqual([a, b])
  const received = receiver.flush(cross(first))
  expect(received).toEqual(batchOf([a, b]))
  const second = sender.flush(batchOf([b], 20_000))
  expect(second.newSeries).toEqual([])
  expect(receiver.flush(cross(second)).series[0]).toBe(received.series[1])
})

test('an empty batch before any series is fine', () => {
  expect(new SeriesReceiver().flush(cross(new SeriesSender().flush(batchOf([])))).series).toEqual([])
})

test('when most ids have fallen out of use both ends start over', () => {
  const sender = new SeriesSender()
  const receiver = new SeriesReceiver()
  receiver.flush(
    cross(sender.flush(batchOf(Array.from({ length: 100_001 }, (_, index) => identity(`old.${index}`))))),
  )
  const fresh = identity('fresh')
  const message = sender.flush(batchOf([fresh]))
  expect(message.newFrom).toBe(0)
  expect(receiver.flush(cross(message)).series).toEqual([fresh])
})

test('points of ever new series do not fill either end between two flushes', () => {
  const sender = new SeriesSender()
  const receiver = new SeriesReceiver()
  let restarts = 0
  for (let batch = 0; batch < 25; batch++) {
    const series = Array.from({ length: 10_000 }, (_, index) => identity(`new.${batch}.${index}`))
    const values = new Float64Array(series.length)
    const message = sender.points({ kind: 'number', series, timesMs: values, values })
    if (message.newFrom === 0) restarts++
    expect(receiver.points(cross(message)).series.at(-1)).toEqual(series.at(-1))
  }
  expect(restarts).toBe(3)
})
