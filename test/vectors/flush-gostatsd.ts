import { expect } from 'vitest'
import { IntervalMerger, Shard } from '../../src/aggregator/index.ts'
import { counter, gauge, member, timer } from '../../src/aggregator/testdata/samples.ts'
import { createStatsdFormat } from '../../src/formats/statsd/statsd-format.ts'
import type { Sample } from '../../src/model/sample.ts'
import vectors from '../fixtures/flush/gostatsd.json' with { type: 'json' }
import { flushConfig, FlushPeer, type FlushedValues } from './flush-peer.ts'

// What gostatsd aggregates, flushes and forgets. A rate weighs a timer's count there, as in the profile `statsd`.

interface Vector {
  readonly id: string
  readonly kind: string
  readonly input: unknown
  readonly expect: unknown
}

interface FlushInput {
  readonly type: string
  readonly value?: number | readonly unknown[]
  readonly values?: readonly number[]
  readonly sampled_count?: number
  readonly tags?: readonly string[]
  readonly disabled_sub_metrics?: readonly string[]
  readonly age_s?: number
  readonly expiry_s?: number
}

const INTERVAL_MS = 10_000
const format = createStatsdFormat()

export const GOSTATSD_FLUSHES = (vectors.cases as readonly Vector[]).map((vector) => ({
  id: vector.id,
  check: () => check(vector),
}))

function check({ kind, input, expect: wanted }: Vector): void {
  switch (kind) {
    case 'aggregate':
      checkAggregates(receive([input as string[]]), wanted as Aggregates)
      return
    case 'merge': {
      const { a, b } = input as { a: string[]; b: string[] }
      checkAggregates(receive([a, b]), wanted as Aggregates)
      return
    }
    case 'flush':
      checkFlush(input as FlushInput, wanted as Readonly<Record<string, unknown>>)
      return
    case 'reset_after_flush':
      checkReset(input as FlushInput, wanted as { present: boolean; value?: number | unknown[] })
      return
    case 'is_expired': {
      const { age_s, expiry_s } = input as FlushInput
      checkReset(
        { type: 'counter', age_s: age_s ?? 0, expiry_s: expiry_s ?? 0 },
        { present: wanted !== true },
      )
      return
    }
    case 'timer_histogram':
    case 'timer_histogram_limit': {
      const { values = [], tags = [] } = input as FlushInput
      const { buckets, thresholds } = wanted as { buckets?: object | null; thresholds?: readonly unknown[] }
      const bins = binsOf(flushOf(timersOf(values, values.length, tags)).values)
      if (thresholds === undefined) expect(Object.fromEntries(bins)).toEqual(buckets ?? {})
      else expect([...bins.keys()]).toEqual(thresholds.map(String))
      return
    }
    default:
      throw new Error(`no check for ${kind}`)
  }
}

interface Aggregates {
  readonly counters?: Readonly<Record<string, number>>
  readonly gauges?: Readonly<Record<string, number>>
  readonly timers?: Readonly<Record<string, { values: number[]; sampled_count: number }>>
  readonly sets?: Readonly<Record<string, readonly string[]>>
}

function checkAggregates(values: FlushedValues, wanted: Aggregates): void {
  expect(Object.keys(wanted)).not.toHaveLength(0)
  const at = (type: string, key: string, node: string): unknown => {
    const [, name = '', tags = ''] = /^([^{]*)(?:\{(.*)\})?$/.exec(key) ?? []
    const sorted = tags === '' ? [] : tags.split(',').map((tag) => tag.split(':'))
    const suffix = sorted.map(([tag, value = 'true']) => `;${tag}=${value}`).join('')
    return values.get(`stats.${type}.${name}${node}${suffix}`)
  }
  for (const [key, value] of Object.entries(wanted.counters ?? {}))
    expect(at('counters', key, '.count')).toBe(value)
  for (const [key, value] of Object.entries(wanted.gauges ?? {})) expect(at('gauges', key, '')).toBe(value)
  for (const [key, members] of Object.entries(wanted.sets ?? {}))
    expect(at('sets', key, '.count')).toBe(members.length)
  for (const [key, { values: received, sampled_count }] of Object.entries(wanted.timers ?? {})) {
    expect(at('timers', key, '.count')).toBe(sampled_count)
    expect(at('timers', key, '.sum')).toBe(received.reduce((sum, value) => sum + value, 0))
    expect(at('timers', key, '.upper')).toBe(Math.max(...received))
  }
}

const NODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  counter: { value: 'counters.x.count', per_second: 'counters.x.rate' },
  gauge: { value: 'gauges.x' },
  timer: {
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
}

function checkFlush(input: FlushInput, wanted: Readonly<Record<string, unknown>>): void {
  const { type, values: received = [], sampled_count = received.length, tags = [] } = input
  const value = Number(input.value ?? 0)
  const samples =
    type === 'counter'
      ? [counter('x', value)]
      : type === 'gauge'
        ? [gauge('x', value)]
        : timersOf(received, sampled_count, tags)
  const { values } = flushOf(samples, input.disabled_sub_metrics)
  const { percentiles, histogram, absent = [], ...rest } = wanted
  for (const [name, number] of Object.entries(rest))
    expect([name, values.get(`stats.${NODES[type]?.[name]}`)]).toEqual([name, number])
  for (const [name, number] of Object.entries((percentiles ?? {}) as object))
    expect([name, values.get(`stats.timers.x.${name}`)]).toEqual([name, number])
  if (histogram !== undefined) expect(Object.fromEntries(binsOf(values))).toEqual(histogram)
  for (const name of absent as string[]) expect([...values.keys()]).not.toContain(`stats.timers.x.${name}`)
}

const ALL_OF_PERCENTILES = ['count', 'mean', 'sum', 'sum_squares', 'upper', 'lower']

/** What is switched off there is what is not on the list of those wanted here. */
function flushOf(samples: readonly Sample[], disabled: readonly string[] = []): { values: FlushedValues } {
  const wanted = ALL_OF_PERCENTILES.filter((name) => !disabled.includes(`${name}-pct`))
  const calculated = disabled.length === 0 ? [] : wanted.map((name) => `${name}_percent`)
  const config = flushConfig({ calculated_timer_metrics: calculated }, INTERVAL_MS)
  const peer = new FlushPeer(config, INTERVAL_MS)
  if (samples.length === 0) {
    peer.add([timer('x', 1)])
    peer.flush()
  }
  peer.add(samples)
  return peer.flush()
}

function timersOf(values: readonly number[], sampledCount: number, tags: readonly string[]): Sample[] {
  const key = ['x', ...tags.map((tag) => tag.replace(':', '='))].join(';')
  return values.map((value) => timer(key, value, sampledCount / values.length))
}

function binsOf(values: FlushedValues): Map<string, number> {
  const bins = [...values].filter(([key]) => key.includes('.histogram.bin_'))
  return new Map(bins.map(([key, count]) => [key.replace(/^.*\.bin_(.*?)(;.*)?$/, '$1'), count]))
}

function checkReset(input: FlushInput, wanted: { present: boolean; value?: number | unknown[] }): void {
  const { type, age_s = 0, expiry_s = 300 } = input
  const expiry = expiry_s === 0 ? 'never' : `${expiry_s}s`
  const idle_timeout = { counter: expiry, gauge: expiry, timer: expiry, set: expiry }
  const peer = new FlushPeer(flushConfig({ idle_timeout }, 1_000), 1_000)
  const samples: Readonly<Record<string, Sample>> = {
    counter: counter('x', 50),
    gauge: gauge('x', 50),
    timer: timer('x', 50),
    set: member('x', 'user'),
  }
  peer.add([samples[type] ?? counter('unknown')])
  peer.flush()
  // Idle for one interval at least.
  const { values } = peer.flush(Math.max(age_s - 1, 0) * 1_000)
  const rows = [...values].filter(([key]) => /^stats\.\w+\.x(\.|$)/.test(key))
  expect(rows.length > 0).toBe(wanted.present)
  if (wanted.value !== undefined) expect(rows[0]?.[1]).toBe(type === 'gauge' ? wanted.value : 0)
}

/** Each list of lines through a shard of its own, the later ones received later. */
function receive(parts: readonly (readonly string[])[]): FlushedValues {
  const merger = new IntervalMerger({ intervalMs: INTERVAL_MS, ...flushConfig({}, INTERVAL_MS) })
  const nowMs = 1_700_000_000_000
  for (const [shardId, lines] of parts.entries()) {
    const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs })
    const out = {
      packet: () => undefined,
      sample: (sample: Sample) => shard.add(sample, nowMs + shardId),
      point: () => undefined,
      event: () => undefined,
    }
    for (const line of lines) {
      const bytes = Buffer.from(line)
      expect(format.decodeLine(bytes, 0, bytes.length, nowMs, out)).toBeUndefined()
    }
    merger.merge(shardId, shard.seal(nowMs))
  }
  const batch = merger.close(nowMs + INTERVAL_MS)
  return new Map(batch.series.map(({ key }, index) => [key, batch.values[index] ?? Number.NaN]))
}
