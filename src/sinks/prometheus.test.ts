import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { FlushDetails } from '../model/flush-details.ts'
import { readMapping } from '../config/read-mapping.ts'
import { prometheusSink } from './prometheus.ts'
import { sinkConformance } from './sink.conformance.ts'
import type { Sink } from './sink.ts'
import { flushBatchOf, HOSTILE_NAMES, type ReadingSpec } from './testdata/batches.ts'
import { testContext } from './testdata/sink-context.ts'

const { signal } = new AbortController()

function sinkWith(mapping = '', clock = new FakeClock()): Promise<Sink> {
  const options = {
    ...prometheusSink.options.parse({ type: 'prometheus' }),
    mapping: readMapping(mapping, 'm.yml'),
  }
  return prometheusSink.create(options, testContext({ clock }))
}

/** What a scrape gets, without comments. */
function scrape(sink: Sink): string[] {
  const text = Buffer.concat([...(sink.expose?.('text') ?? [])]).toString()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

function batchOf(readings: readonly ReadingSpec[], details?: Partial<FlushDetails>): FlushBatch {
  return { ...flushBatchOf(readings), details: { timers: [], sets: [], ...details } }
}

const counter = (metricKey: string, value: number): ReadingSpec => ({
  metricKey,
  type: 'counter',
  statistic: 'count',
  value,
})

test('of what is flushed it takes counts, values of gauges, sizes of sets and values of timers', async () => {
  const sink = await sinkWith()
  const batch = batchOf(
    [
      counter('hits;code=200', 3),
      { metricKey: 'hits;code=200', type: 'counter', statistic: 'rate', value: 0.3 },
      { metricKey: 'temp', type: 'gauge', statistic: 'value', value: -1.5 },
      { metricKey: 'users', type: 'set', statistic: 'count', value: 2 },
      { metricKey: 'took', type: 'timer', statistic: 'mean', value: 250 },
    ],
    {
      timers: [
        { metricKey: 'took', kind: 'timing', values: Float64Array.of(400, 100) },
        { metricKey: 'size', kind: 'histogram', values: Float64Array.of(7), weights: Float64Array.of(3.4) },
      ],
    },
  )
  await sink.flush?.(batch, signal)
  await sink.flush?.({ ...batch, timestampMs: batch.timestampMs + 10_000 }, signal)
  expect(scrape(sink)).toEqual([
    'hits{code="200"} 6',
    'temp -1.5',
    'users 2',
    'took{quantile="0.5"} 0.1',
    'took{quantile="0.9"} 0.4',
    'took{quantile="0.99"} 0.4',
    'took_sum 1',
    'took_count 4',
    'size{quantile="0.5"} 7',
    'size{quantile="0.9"} 7',
    'size{quantile="0.99"} 7',
    'size_sum 42',
    'size_count 6',
  ])
})

test('a timer with more values than are kept is what its sketch says', async () => {
  const sink = await sinkWith('defaults: {observer_type: histogram, histogram_options: {buckets: [1, 10]}}')
  const sketch = {
    isWeighted: true,
    valueCount: 6,
    weightedCount: 6,
    sum: 0,
    sumSquares: 0,
    squaredDifferences: 0,
    lower: -3,
    upper: 12,
    scale: 0,
    zeroWeight: 1,
    negative: { first: 1, weights: Float64Array.of(1) },
    positive: { first: -1, weights: Float64Array.of(1, 0, 0, 0, 3) },
  }
  const timers = [{ metricKey: 'size', kind: 'distribution', values: new Float64Array(), sketch } as const]
  await sink.flush?.(batchOf([], { timers }), signal)
  expect(scrape(sink).filter((line) => !line.includes('_sum'))).toEqual([
    'size_bucket{le="1"} 3',
    'size_bucket{le="10"} 3',
    'size_bucket{le="+Inf"} 6',
    'size_count 6',
  ])
})

test('where counts are not flushed, they are made of rates', async () => {
  const sink = await sinkWith()
  await sink.flush?.(batchOf([{ metricKey: 'hits', type: 'counter', statistic: 'rate', value: 0.3 }]), signal)
  expect(scrape(sink)).toEqual(['hits 3'])
})

test('what cannot be exposed is counted as refused, once for each metric', async () => {
  const sink = await sinkWith()
  const batch = batchOf([
    counter('a', 1),
    { metricKey: 'a', type: 'gauge', statistic: 'value', value: 1 },
    counter('b', -1),
    counter('c', 1),
  ])
  expect(await sink.flush?.(batch, signal)).toEqual({ refusedPoints: 2 })
  expect(scrape(sink)).toEqual(['a 1', 'b 0', 'c 1'])
})

describe('a time to live', () => {
  const MAPPING = 'defaults: {ttl: 30s}'

  test('runs while a counter or a set is flushed as 0, and nothing begins with that', async () => {
    const clock = new FakeClock()
    const sink = await sinkWith(MAPPING, clock)
    const size = (value: number): ReadingSpec => ({
      metricKey: 'users',
      type: 'set',
      statistic: 'count',
      value,
    })
    await sink.flush?.(batchOf([counter('hits', 1), size(2)]), signal)
    clock.advance(20_000)
    await sink.flush?.(batchOf([counter('hits', 0), size(0)]), signal)
    expect(scrape(sink)).toEqual(['hits 1', 'users 0'])
    clock.advance(20_000)
    await sink.flush?.(batchOf([counter('hits', 0), size(0)]), signal)
    await sink.flush?.(batchOf([counter('hits', 0), size(0)]), signal)
    expect(scrape(sink)).toEqual([])
    await sink.flush?.(batchOf([counter('hits', 5)]), signal)
    expect(scrape(sink)).toEqual(['hits 5'])
  })

  test('of a gauge runs from its last sample, while it is flushed with the value it had', async () => {
    const clock = new FakeClock()
    const sink = await sinkWith(MAPPING, clock)
    const gauge = (isIdle: boolean): FlushBatch =>
      batchOf([{ metricKey: 'temp', type: 'gauge', statistic: 'value', value: 1 }], {
        idleGauges: isIdle ? ['temp'] : [],
      })
    const seen: string[] = []
    for (const isIdle of [false, true, false, true, true, true]) {
      await sink.flush?.(gauge(isIdle), signal)
      seen.push(scrape(sink).join(' '))
      clock.advance(15_000)
    }
    expect(seen).toEqual(['temp 1', 'temp 1', 'temp 1', 'temp 1', 'temp 1', ''])
    await sink.flush?.(gauge(false), signal)
    expect(scrape(sink)).toEqual(['temp 1'])
  })

  test('where there is none, an idle gauge is exposed, also after a restart', async () => {
    const sink = await sinkWith('mappings: [{match: other, name: other, ttl: 30s}]')
    const batch = batchOf([{ metricKey: 'temp', type: 'gauge', statistic: 'value', value: 7 }], {
      idleGauges: ['temp'],
    })
    await sink.flush?.(batch, signal)
    expect(scrape(sink)).toEqual(['temp 7'])
  })

  test('of two gauges that are one, the one that came last is seen', async () => {
    const sink = await sinkWith('mappings: [{match: "temp.*", name: temp, ttl: 30s}]')
    const both = (a: number, b: number, idleGauges: string[]): FlushBatch =>
      batchOf(
        [
          { metricKey: 'temp.a', type: 'gauge', statistic: 'value', value: a },
          { metricKey: 'temp.b', type: 'gauge', statistic: 'value', value: b },
        ],
        { idleGauges },
      )
    const { series, ...first } = both(1, 2, [])
    await sink.flush?.({ ...first, series }, signal)
    await sink.flush?.({ ...both(5, 2, ['temp.b']), series }, signal)
    expect(scrape(sink)).toEqual(['temp 5'])
  })

  test('does not run while a gauge is flushed, if nobody says that it is idle', async () => {
    const clock = new FakeClock()
    const sink = await sinkWith(MAPPING, clock)
    const batch = batchOf([{ metricKey: 'temp', type: 'gauge', statistic: 'value', value: 1 }])
    for (let flushes = 0; flushes < 5; flushes++) {
      await sink.flush?.(batch, signal)
      clock.advance(20_000)
    }
    expect(scrape(sink)).toEqual(['temp 1'])
  })
})

test('names of any kind become lines of their own, and nothing else', async () => {
  const sink = await sinkWith()
  await sink.flush?.(batchOf(HOSTILE_NAMES.map((name) => counter(name, 1))), signal)
  for (const line of scrape(sink))
    expect(line).toMatch(
      /^[a-zA-Z_][a-zA-Z0-9_]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*\})? \d+$/,
    )
})

sinkConformance('prometheus', {
  async working() {
    const sink = await sinkWith()
    let arrived = 0
    return {
      sink: {
        ...sink,
        async flush(batch, flushSignal) {
          await sink.flush?.(batch, flushSignal)
          arrived += batch.series.length
        },
      },
      arrivedPoints: () => arrived,
    }
  },
})
