import { describe, expect, test } from 'vitest'
import type { Sample } from '../model/sample.ts'
import { IntervalMerger, type IntervalMergerOptions } from './interval-merger.ts'
import { Shard } from './shard.ts'
import gostatsd from './testdata/gostatsd.json' with { type: 'json' }
import { counter, gauge, member, rowsOf, timer } from './testdata/samples.ts'
import statsd from './testdata/statsd.json' with { type: 'json' }

// What other servers flush, through the whole of ours: a shard, the merger, the batch.
const NOW_MS = 1_700_000_000_000

function flush(samples: readonly Sample[], options: Partial<IntervalMergerOptions>): Map<string, number> {
  const intervalMs = options.intervalMs ?? 10_000
  const shard = new Shard({ intervalMs, nowMs: NOW_MS })
  for (const sample of samples) shard.add(sample, NOW_MS)
  const merger = new IntervalMerger({ ...options, intervalMs })
  merger.merge(0, shard.seal(NOW_MS))
  return new Map(rowsOf(merger.close(NOW_MS + intervalMs)))
}

function timersOf(name: string, values: readonly number[], sampledCount: number): Sample[] {
  return values.map((value) => timer(name, value, sampledCount / values.length))
}

describe('etsy/statsd', () => {
  test.each(statsd.timers)(
    'timer $id',
    ({ intervalMs, percentiles, timers, sampledCounts, expect: wanted, isWhole }) => {
      const counts = new Map(Object.entries(sampledCounts))
      for (const [name, values] of Object.entries(timers) as [string, number[]][]) {
        const isIdle = values.length === 0
        const samples = isIdle ? [timer(name, 1)] : timersOf(name, values, counts.get(name) ?? 0)
        const rows = isIdle
          ? idleRows(samples, intervalMs)
          : flush(samples, { intervalMs, percentiles, timerWeighting: 'count' })
        const statistics = Object.entries(new Map<string, object>(Object.entries(wanted)).get(name) ?? {})
        expect(statistics).not.toHaveLength(0)
        for (const [statistic, value] of statistics)
          expect([statistic, rows.get(`stats.timers.${name}.${statistic}`)]).toEqual([statistic, value])
        if (isWhole) expect(rows.size).toBe(statistics.length)
      }
    },
  )

  test.each(statsd.counters)('counter $id', ({ intervalMs, counters, expect: wanted }) => {
    const rows = flush(
      Object.entries(counters).map(([name, value]) => counter(name, value)),
      { intervalMs },
    )
    for (const [name, value] of Object.entries(wanted)) {
      expect(rows.get(`stats.counters.${name}.count`)).toBe(value)
      expect(rows.get(`stats.counters.${name}.rate`)).toBe(value / (intervalMs / 1000))
    }
  })

  function idleRows(samples: readonly Sample[], intervalMs: number): Map<string, number> {
    const shard = new Shard({ intervalMs, nowMs: NOW_MS })
    for (const sample of samples) shard.add(sample, NOW_MS)
    const merger = new IntervalMerger({ intervalMs })
    merger.merge(0, shard.seal(NOW_MS))
    merger.close(NOW_MS + intervalMs)
    return new Map(rowsOf(merger.close(NOW_MS + 2 * intervalMs)))
  }
})

describe('gostatsd', () => {
  test.each(gostatsd.aggregate)('$id', ({ samples, expect: wanted }) => {
    const rows = flush(samples as Sample[], {})
    const byType = new Map<string, object>(Object.entries(wanted))
    const entries = (type: string): [string, unknown][] => Object.entries(byType.get(type) ?? {})
    const at = (prefix: string, key: string, node: string) => {
      const [name, ...tags] = key.split(';')
      return rows.get([`stats.${prefix}.${name}${node}`, ...tags].join(';'))
    }
    for (const [key, value] of entries('counters')) expect(at('counters', key, '.count')).toBe(value)
    for (const [key, value] of entries('gauges')) expect(at('gauges', key, '')).toBe(value)
    for (const [key, value] of entries('sets'))
      expect(at('sets', key, '.count')).toBe((value as string[]).length)
    for (const [key, value] of entries('timers')) {
      const { values, sampled_count } = value as { values: number[]; sampled_count: number }
      expect(at('timers', key, '.count')).toBe(sampled_count)
      expect(at('timers', key, '.upper')).toBe(Math.max(...values))
    }
    expect(byType.size).toBe(1)
  })

  test.each(gostatsd.flush)('$id', (entry) => {
    const wanted = new Map<string, unknown>(Object.entries(entry.expect))
    const { type, value = 0, values = [] } = entry
    const weighted = timersOf('x', values, entry.sampled_count ?? values.length)
    const samples =
      type === 'counter' ? [counter('x', value)] : type === 'gauge' ? [gauge('x', value)] : weighted
    const rows = flush(samples, { timerWeighting: 'count' })
    const ours = new Map<string, Record<string, string>>([
      ['counter', { value: 'counters.x.count', per_second: 'counters.x.rate' }],
      ['gauge', { value: 'gauges.x' }],
      [
        'timer',
        {
          count: 'timers.x.count',
          per_second: 'timers.x.count_ps',
          min: 'timers.x.lower',
          max: 'timers.x.upper',
          mean: 'timers.x.mean',
          median: 'timers.x.median',
          std: 'timers.x.std',
          sum: 'timers.x.sum',
          sum_squares: 'timers.x.sum_squares',
        },
      ],
    ]).get(type)
    expect(ours).toBeDefined()
    for (const [name, node] of Object.entries(ours ?? {}))
      expect(rows.get(`stats.${node}`)).toBe(wanted.get(name))
    for (const [name, number] of Object.entries((wanted.get('percentiles') ?? {}) as object))
      expect(rows.get(`stats.timers.x.${name}`)).toBe(number)
  })

  test.each(gostatsd.reset)('$id', ({ type, age_s, expiry_s, expect: wanted }) => {
    const expiryMs = (expiry_s ?? 300) * 1000
    const merger = new IntervalMerger({
      intervalMs: 10_000,
      idleTimeoutMs: expiryMs,
      gaugeIdleTimeoutMs: expiryMs,
    })
    const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS })
    const samples: Readonly<Record<string, Sample>> = {
      counter: counter('x', 50),
      gauge: gauge('x', 50),
      timer: timer('x', 50),
      set: member('x', 'user'),
    }
    shard.add(samples[type] ?? counter('unknown'), NOW_MS)
    merger.merge(0, shard.seal(NOW_MS))
    merger.close(NOW_MS + 10_000)
    const rows = rowsOf(merger.close(NOW_MS + 20_000 + age_s * 1000))
    expect(rows.length > 0).toBe(wanted.present)
    if (wanted.present) expect(rows[0]?.[1]).toBe(type === 'gauge' ? wanted.value : 0)
  })
})
