import { expect } from 'vitest'
import { counter, member, timer } from '../../src/aggregator/testdata/samples.ts'
import { createStatsdFormat } from '../../src/formats/statsd/statsd-format.ts'
import vectors from '../fixtures/flush/etsy.json' with { type: 'json' }
import { flushConfig, FlushPeer } from './flush-peer.ts'

// What etsy's statsd flushes, under the profile `statsd`.

type Numbers = Readonly<Record<string, number>>

interface Vector {
  readonly id: string
  readonly kind: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly input?: unknown
  readonly input_lines?: readonly string[]
  readonly expect: Expected
  readonly expect_flushes?: readonly (Numbers & { readonly __absent?: readonly string[] })[]
}

interface Expected {
  readonly metrics?: Numbers
  readonly timer_data?: Readonly<Record<string, Numbers & { readonly histogram?: Numbers }>>
  readonly counters?: Numbers
  readonly absent?: readonly string[]
  readonly exact_key_count?: number
  readonly size?: number
}

const format = createStatsdFormat({ profile: 'statsd' })

export const ETSY_FLUSHES = (vectors.cases as unknown as Vector[]).map((vector) => ({
  id: vector.id,
  check: () => check(vector),
}))

function check(vector: Vector): void {
  switch (vector.kind) {
    case 'timer_flush':
      checkTimers(vector)
      return
    case 'counter_flush':
      checkCounters(vector)
      return
    case 'set':
      checkSet(vector)
      return
    case 'wire_to_graphite':
      checkWire(vector)
      return
    default:
      throw new Error(`no check for ${vector.kind}`)
  }
}

function checkTimers(vector: Vector): void {
  const { flush_interval_ms = 10_000, percent_threshold, ...rest } = vector.config ?? {}
  const intervalMs = Number(flush_interval_ms)
  const peer = new FlushPeer(flushConfig({ percentiles: percent_threshold, ...rest }, intervalMs), intervalMs)
  const { timers, timer_counters: sampledCounts = {} } = vector.input as {
    timers: Record<string, number[]>
    timer_counters?: Numbers
  }
  for (const [name, values] of Object.entries(timers)) {
    // A timer without values had some in the interval before.
    if (values.length === 0) {
      peer.add([timer(name, 1)])
      peer.flush()
    }
    const weight = (sampledCounts[name] ?? values.length) / values.length
    peer.add(values.map((value) => timer(name, value, weight)))
  }
  const { values } = peer.flush()
  const { timer_data = {}, absent = [], exact_key_count } = vector.expect
  for (const [name, { histogram = {}, ...statistics }] of Object.entries(timer_data)) {
    const prefix = `stats.timers.${name}.`
    for (const [statistic, value] of Object.entries(statistics))
      expect([statistic, values.get(prefix + statistic)]).toEqual([statistic, close(value)])
    for (const [bin, count] of Object.entries(histogram))
      expect([bin, values.get(`${prefix}histogram.${bin}`)]).toEqual([bin, count])
    const names = [...values.keys()].filter((key) => key.startsWith(prefix))
    if (exact_key_count !== undefined) expect(names).toHaveLength(exact_key_count)
    for (const statistic of absent) expect(names).not.toContain(prefix + statistic)
  }
  // Written out where the absence is that of another timer's histogram.
  for (const name of absent.filter((text) => text.includes('.histogram')))
    expect([...values.keys()].filter((key) => key.startsWith(`stats.timers.${name}`))).toEqual([])
}

function checkCounters(vector: Vector): void {
  const intervalMs = Number(vector.config?.flush_interval_ms)
  const peer = new FlushPeer(flushConfig({}, intervalMs), intervalMs)
  const { counters } = vector.input as { counters: Numbers }
  peer.add(Object.entries(counters).map(([name, value]) => counter(name, value)))
  const { values } = peer.flush()
  expect(Object.keys(vector.expect.counters ?? {})).not.toHaveLength(0)
  for (const [name, value] of Object.entries(vector.expect.counters ?? {})) {
    expect(values.get(`stats.counters.${name}.count`)).toBe(value)
    expect(values.get(`stats.counters.${name}.rate`)).toBe(value / (intervalMs / 1000))
  }
}

/** A set is cleared by being flushed. */
function checkSet(vector: Vector): void {
  const peer = new FlushPeer(flushConfig({}, 10_000), 10_000)
  for (const name of vector.input as string[]) {
    if (name === '<clear>') peer.flush()
    else peer.add([member('s', name)])
  }
  expect(peer.flush().values.get('stats.sets.s.count')).toBe(vector.expect.size)
}

function checkWire(vector: Vector): void {
  const intervalMs = Number(vector.config?.flushInterval)
  const peer = new FlushPeer(flushConfig(toOptions(vector.config ?? {}), intervalMs), intervalMs)
  const lines = vector.input_lines ?? []
  // These clients connect once the first flush is over.
  if (lines.length > 0) peer.flush()
  peer.receive(lines, format)
  const { metrics = {}, absent = [] } = vector.expect
  const { values } =
    vector.expect_flushes === undefined ? peer.flush() : { values: new Map<string, number>() }
  for (const [name, value] of Object.entries(metrics))
    expect([name, values.get(name)]).toEqual([name, close(value)])
  for (const name of absent) expect([...values.keys()]).not.toContain(name)
  for (const { __absent = [], ...wanted } of vector.expect_flushes ?? []) {
    const { values: flushed } = peer.flush()
    for (const [name, value] of Object.entries(wanted))
      expect([name, flushed.get(name)]).toEqual([name, value])
    for (const name of __absent) expect([...flushed.keys()]).not.toContain(name)
  }
}

/** etsy's configuration, with what it says by leaving out, in the words of Kymo's. */
function toOptions(config: Readonly<Record<string, unknown>>): object {
  const { legacyNamespace = true, globalSuffix } = (config.graphite ?? {}) as Record<string, unknown>
  const options = {
    percentiles: config.percentThreshold === undefined ? undefined : [config.percentThreshold],
    histogram: config.histogram,
    legacy_namespace: legacyNamespace,
    global_suffix: globalSuffix,
    prefix_stats: config.prefixStats,
    flush_counts: config.flush_counts,
    delete_idle_stats: config.deleteIdleStats,
    gauges_max_ttl: config.gaugesMaxTTL,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** The vectors were worked out elsewhere: the last digits of a long sum may differ. */
function close(value: number): unknown {
  return Number.isInteger(value)
    ? value
    : expect.closeTo(value, 9 - Math.ceil(Math.log10(Math.abs(value) + 1)))
}
