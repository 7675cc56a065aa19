import { describe, expect, test } from 'vitest'
import { IntervalMerger, type IntervalMergerOptions } from './interval-merger.ts'
import type { OwnReadings } from './own-series.ts'
import { Shard } from './shard/shard.ts'
import { counter, gauge, rowsOf } from './testdata/samples.ts'

const INTERVAL_MS = 10_000
const END_MS = 1_700_000_010_000

const QUIET: OwnReadings = { packetsReceived: 0, metricsReceived: 0, badLinesSeen: 0 }
const BUSY: OwnReadings = {
  packetsReceived: 20,
  metricsReceived: 50,
  badLinesSeen: 3,
  graphite: {
    lastFlushSeconds: 1_700_000_000,
    lastExceptionSeconds: 1_600_000_000,
    flushTimeMs: 7,
    flushLengthBytes: 1_234,
    calculationTimeMs: 2,
  },
}

/** Reads these one after the other; every look at the clock takes 4 ms. */
function open(readings: OwnReadings[], options: Partial<IntervalMergerOptions> = {}): IntervalMerger {
  let nowMs = 0
  const own = { read: () => readings.shift() ?? QUIET, monotonicMs: () => (nowMs += 4) }
  return new IntervalMerger({ intervalMs: INTERVAL_MS, own, ...options })
}

describe('series about Kymo itself', () => {
  test('have the names of etsy, its counters among the counters and the rest behind the metrics', () => {
    const merger = open([BUSY, QUIET])
    const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs: END_MS - INTERVAL_MS })
    shard.add(counter('zebra'), END_MS - 1)
    shard.add(gauge('apple', 7), END_MS - 1)
    merger.merge(0, shard.seal(END_MS))
    expect(rowsOf(merger.close(END_MS))).toEqual([
      ['stats.counters.statsd.bad_lines_seen.rate', 0.3],
      ['stats.counters.statsd.bad_lines_seen.count', 3],
      ['stats.counters.statsd.metrics_received.rate', 5],
      ['stats.counters.statsd.metrics_received.count', 50],
      ['stats.counters.statsd.packets_received.rate', 2],
      ['stats.counters.statsd.packets_received.count', 20],
      ['stats.counters.zebra.rate', 0.1],
      ['stats.counters.zebra.count', 1],
      ['stats.gauges.apple', 7],
      ['stats.statsd.numStats', 5],
      ['stats.statsd.graphiteStats.calculationtime', 2],
      ['stats.statsd.processing_time', 4],
      ['stats.statsd.graphiteStats.last_exception', 1_600_000_000],
      ['stats.statsd.graphiteStats.last_flush', 1_700_000_000],
      ['stats.statsd.graphiteStats.flush_time', 7],
      ['stats.statsd.graphiteStats.flush_length', 1_234],
    ])
    const second = new Map(rowsOf(merger.close(END_MS + INTERVAL_MS)))
    expect(second.get('stats.gauges.statsd.timestamp_lag')).toBe(0)
    expect(second.get('stats.statsd.numStats')).toBe(6)
    expect(second.get('stats.counters.statsd.packets_received.count')).toBe(0)
    expect(second.has('stats.statsd.graphiteStats.last_flush')).toBe(false)
  })

  test('stand in the legacy namespace where they stand there', () => {
    const naming = { legacyNamespace: true, statsPrefix: 'own', globalSuffix: 'host1' }
    const merger = open([BUSY], { naming, flushCounts: false })
    merger.close(END_MS)
    expect(rowsOf(merger.close(END_MS + INTERVAL_MS)).map(([key]) => key)).toEqual([
      'stats.own.bad_lines_seen.host1',
      'stats.own.metrics_received.host1',
      'stats.own.packets_received.host1',
      'stats.gauges.own.timestamp_lag.host1',
      'own.numStats.host1',
      'stats.own.processing_time.host1',
    ])
  })

  test('say how much later than due a flush is stamped', () => {
    const merger = open([])
    merger.close(END_MS)
    const late = new Map(rowsOf(merger.close(END_MS + 4 * INTERVAL_MS)))
    expect(late.get('stats.gauges.statsd.timestamp_lag')).toBe(30)
  })

  test('are never idle, and add up with what is sent under their names', () => {
    const merger = open([BUSY, QUIET, QUIET], { idleTimeoutMs: { counter: 0, gauge: 0 } })
    const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs: END_MS - INTERVAL_MS })
    shard.add(counter('statsd.packets_received', 5), END_MS - 1)
    merger.merge(0, shard.seal(END_MS))
    const counts = [0, 1, 2].map((index) =>
      new Map(rowsOf(merger.close(END_MS + index * INTERVAL_MS))).get(
        'stats.counters.statsd.packets_received.count',
      ),
    )
    expect(counts).toEqual([25, 0, 0])
    expect(merger.metricCount).toBe(4)
  })

  test('are the same objects from flush to flush', () => {
    const merger = open([BUSY, BUSY, BUSY])
    merger.close(END_MS)
    const [second, third] = [merger.close(END_MS + INTERVAL_MS), merger.close(END_MS + 2 * INTERVAL_MS)]
    expect(second.series).toHaveLength(14)
    for (const [index, identity] of third.series.entries()) expect(identity).toBe(second.series[index])
  })
})
