import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { PointBatch } from '../model/point.ts'
import { createLineLog } from '../telemetry/log.ts'
import { allocateOwnMetrics, layoutOwnMetrics, OwnMetrics, readOwnMetrics } from '../telemetry/own-metrics.ts'
import { TimeWindow } from './time-window.ts'

const NOW_MS = 1_700_000_000_000
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const layout = layoutOwnMetrics({ listener: [], sink: ['store'], thread: [] })

function createWindow() {
  const buffer = allocateOwnMetrics(layout)
  const clock = new FakeClock(NOW_MS)
  const lines: Record<string, unknown>[] = []
  const window = new TimeWindow({
    retentionMs: 90 * DAY_MS,
    futureLimitMs: 10 * MINUTE_MS,
    clock,
    log: createLineLog({ level: 'info', write: (line) => void lines.push(JSON.parse(line)) }),
    metrics: new OwnMetrics(layout, buffer),
  })
  const refused = (reason: 'past' | 'future') =>
    readOwnMetrics(layout, [buffer]).get(`kymo_dropped_points_total{sink="store",reason="${reason}"}`)
  return { window, clock, lines, refused }
}

/** The value of a point is its row. */
function batchOf(timesMs: readonly number[]): PointBatch {
  const series = timesMs.map((_, row) => {
    const key = `s.${row}`
    return { key, metricKey: key, metricType: 'untyped', statistic: 'value', rollup: 'last' } as const
  })
  const values = Float64Array.from(timesMs, (_, row) => row)
  return { kind: 'number', series, timesMs: Float64Array.from(timesMs), values }
}

test('both ends of the window are within it; a batch without others is handed on as it is', () => {
  const { window, lines, refused } = createWindow()
  const batch = batchOf([NOW_MS - 90 * DAY_MS, NOW_MS, NOW_MS + 10 * MINUTE_MS])
  expect(window.within(batch)).toBe(batch)
  expect([refused('past'), refused('future'), lines]).toEqual([0, 0, []])
})

test('of many series that are refused the newest are told of, each once', () => {
  const { window } = createWindow()
  const ahead = (rows: number) => batchOf(Array.from({ length: rows }, (_, row) => NOW_MS + DAY_MS + row))
  window.within(ahead(50))
  expect(window.refusedTimes().map(({ key }) => key)).toEqual(
    Array.from({ length: 20 }, (_, i) => `s.${49 - i}`),
  )
  window.within(ahead(1))
  const keys = window.refusedTimes().map(({ key }) => key)
  expect([keys.length, keys[0], keys.at(-1)]).toEqual([20, 's.0', 's.31'])
})

test('what is outside is left out, counted by side, and named once in a while', () => {
  const { window, clock, lines, refused } = createWindow()
  const times = [NOW_MS - 90 * DAY_MS - 1, NOW_MS, NOW_MS + 10 * MINUTE_MS + 1, NOW_MS + 10 * MINUTE_MS + 2]
  const batch = batchOf(times)
  const kept = window.within(batch)
  expect(kept.series.map(({ key }) => key)).toEqual(['s.1'])
  expect(window.refusedTimes()).toEqual([
    { key: 's.3', timeMs: times[3], atMs: NOW_MS },
    { key: 's.2', timeMs: times[2], atMs: NOW_MS },
    { key: 's.0', timeMs: times[0], atMs: NOW_MS },
  ])
  expect([...kept.timesMs]).toEqual([NOW_MS])
  expect([...kept.values]).toEqual([1])
  // Sinks are given the same batch.
  expect([...batch.timesMs]).toEqual(times)
  expect([refused('past'), refused('future')]).toEqual([1, 2])
  expect(lines).toMatchObject([
    { points: 1, series: 's.0', time: '2023-08-16T22:13:19.999Z', retention: '90d' },
    { points: 2, series: 's.2', time: '2023-11-14T22:23:20.001Z', futureLimit: '10m' },
  ])
  window.within(batch)
  expect(lines).toHaveLength(2)
  expect(refused('future')).toBe(4)
  clock.advance(10 * MINUTE_MS)
  window.within(batch)
  expect(lines.length).toBeGreaterThan(2)
})

test('other limits count from the next batch on', () => {
  const { window } = createWindow()
  window.reconfigure({ retentionMs: DAY_MS, futureLimitMs: 1_000 })
  const kept = window.within(batchOf([NOW_MS - 2 * DAY_MS, NOW_MS, NOW_MS + 2_000]))
  expect([...kept.values]).toEqual([1])
})

test('whatever the times are: all that is within is kept in order, all else is counted', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: NOW_MS - 180 * DAY_MS, max: NOW_MS + 20 * MINUTE_MS })),
      (times) => {
        const { window, refused } = createWindow()
        const kept = window.within(batchOf(times))
        const isKept = (timeMs: number) => timeMs >= NOW_MS - 90 * DAY_MS && timeMs <= NOW_MS + 10 * MINUTE_MS
        expect([...kept.timesMs]).toEqual(times.filter(isKept))
        expect(kept.series).toHaveLength(kept.timesMs.length)
        expect((refused('past') ?? 0) + (refused('future') ?? 0)).toBe(times.length - kept.timesMs.length)
      },
    ),
  )
})
