import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import { createSeriesLimits } from '../admission/index.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { namesOf, toNameColumns } from '../model/partial-aggregate.ts'
import { decodePartial } from '../formats/partial-aggregate/decode.ts'
import { encodePartial } from '../formats/partial-aggregate/encode.ts'
import type { PartialAggregate } from '../model/partial-aggregate.ts'
import type { Sample } from '../model/sample.ts'
import { IntervalMerger, type IntervalMergerOptions } from './interval-merger.ts'
import { Shard } from './shard/shard.ts'
import type { TimerWeighting } from './timer-statistics.ts'
import { counter, delta, gauge, member, rowsOf, timer } from './testdata/samples.ts'

const INTERVAL_MS = 10_000
const END_MS = 1_700_000_010_000
const ends = Array.from({ length: 60 }, (_, index) => END_MS + index * INTERVAL_MS)
const endAt = (index: number) => ends[index] ?? 0

const newMerger = (options: Partial<IntervalMergerOptions> = {}) =>
  new IntervalMerger({ intervalMs: INTERVAL_MS, ...options })
const newShard = (intervalIndex = 0) =>
  new Shard({ intervalMs: INTERVAL_MS, nowMs: endAt(intervalIndex) - INTERVAL_MS })

/** What a fresh shard hands over of these samples, received one millisecond after the other. */
function partialOf(samples: readonly Sample[], intervalIndex = 0, firstMs = 0): PartialAggregate {
  const shard = newShard(intervalIndex)
  const startMs = endAt(intervalIndex) - INTERVAL_MS
  for (const [index, sample] of samples.entries()) shard.add(sample, startMs + firstMs + index)
  return shard.seal(startMs)
}

describe('one batch', () => {
  test('holds all shards, by type, then key, then statistic, in the order of etsy', () => {
    const merger = newMerger()
    merger.merge(1, partialOf([counter('b', 2), timer('t;k=v', 4), member('s', 'x'), counter('a')]))
    merger.merge(0, partialOf([counter('b', 3), timer('t;k=v', 2), member('s', 'y'), gauge('g', 7)]))
    const batch = merger.close(END_MS)
    expect(batch.timestampMs).toBe(END_MS)
    expect(batch.intervalMs).toBe(INTERVAL_MS)
    expect(batch.metricCounts).toEqual({ counter: 2, gauge: 1, timer: 1, set: 1 })
    expect(rowsOf(batch)).toEqual([
      ['stats.counters.a.rate', 0.1],
      ['stats.counters.a.count', 1],
      ['stats.counters.b.rate', 0.5],
      ['stats.counters.b.count', 5],
      ['stats.timers.t.count_90;k=v', 2],
      ['stats.timers.t.mean_90;k=v', 3],
      ['stats.timers.t.upper_90;k=v', 4],
      ['stats.timers.t.sum_90;k=v', 6],
      ['stats.timers.t.sum_squares_90;k=v', 20],
      ['stats.timers.t.std;k=v', 1],
      ['stats.timers.t.upper;k=v', 4],
      ['stats.timers.t.lower;k=v', 2],
      ['stats.timers.t.count;k=v', 2],
      ['stats.timers.t.count_ps;k=v', 0.2],
      ['stats.timers.t.sum;k=v', 6],
      ['stats.timers.t.sum_squares;k=v', 20],
      ['stats.timers.t.mean;k=v', 3],
      ['stats.timers.t.median;k=v', 3],
      ['stats.gauges.g', 7],
      ['stats.sets.s.count', 2],
    ])
  })

  test('has the same identities as the one before', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([counter('a'), gauge('a', 1), timer('a', 1), member('a', 'x')]))
    const first = merger.close(endAt(0))
    merger.merge(0, partialOf([counter('a'), gauge('a', 1), timer('a', 1), member('a', 'x')], 1))
    const second = merger.close(endAt(1))
    expect(second.series).toHaveLength(18)
    for (const [index, identity] of second.series.entries()) expect(identity).toBe(first.series[index])
  })

  test('leaves out what is too large for a double, and nothing else', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([timer('t', 1e200), timer('t', 1e200)]))
    const names = rowsOf(merger.close(END_MS)).map(([key]) => key.split('.').at(-1))
    expect(names).toContain('mean')
    expect(names).not.toContain('sum_squares')
  })

  test('has no sums of counters where they are not wanted, and of timers what is on the list', () => {
    const merger = newMerger({
      flushCounts: false,
      percentiles: [90, -50],
      calculatedTimerMetrics: ['count', 'mean_percent', 'histogram'],
      histogram: [{ metric: 't', upperEdges: [3, Number.POSITIVE_INFINITY] }],
    })
    merger.merge(0, partialOf([counter('c', 20), timer('t', 1), timer('t', 2), timer('t', 3, 10)]))
    expect(rowsOf(merger.close(endAt(0)))).toEqual([
      ['stats.counters.c.rate', 2],
      ['stats.timers.t.mean_90', 30 / 11],
      ['stats.timers.t.mean_top50', 3],
      ['stats.timers.t.count', 12],
      ['stats.timers.t.histogram.bin_3', 2],
      ['stats.timers.t.histogram.bin_inf', 10],
    ])
    expect(rowsOf(merger.close(endAt(1)))).toEqual([
      ['stats.counters.c.rate', 0],
      ['stats.timers.t.count', 0],
    ])
  })

  test('never carries a timestamp that was used', () => {
    const merger = newMerger()
    merger.close(END_MS)
    expect(() => merger.close(END_MS)).toThrow('BUG')
    expect(() => merger.close(END_MS - INTERVAL_MS)).toThrow('BUG')
  })

  test.each(['__proto__', 'constructor', 'toString'])('takes the ordinary metric %j', (key) => {
    const merger = newMerger()
    merger.merge(0, partialOf([counter(key), gauge(key, 2), timer(key, 3), member(key, key)]))
    expect(merger.metricCount).toBe(4)
    expect(new Map(rowsOf(merger.close(END_MS))).get(`stats.counters.${key}.count`)).toBe(1)
  })
})

describe('gauges', () => {
  const valueOf = (merger: IntervalMerger, index: number) => rowsOf(merger.close(endAt(index)))[0]?.[1]

  test('take the absolute value received last, in whatever order the shards hand over', () => {
    const early = partialOf([gauge('g', 1)], 0, 0)
    const late = partialOf([gauge('g', 2)], 0, 5)
    for (const parts of [
      [early, late],
      [late, early],
    ]) {
      const merger = newMerger()
      for (const [shardId, part] of parts.entries()) merger.merge(shardId, part)
      expect(valueOf(merger, 0)).toBe(2)
    }
  })

  test('add the deltas of all shards to it', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', 10), delta('g', 1)]))
    merger.merge(1, partialOf([delta('g', 4)]))
    merger.merge(2, partialOf([gauge('g', 20), delta('g', -3)], 0, 5))
    expect(valueOf(merger, 0)).toBe(22)
  })

  test('keep their value, which deltas change', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([delta('g', 4)]))
    expect(valueOf(merger, 0)).toBe(4)
    expect(valueOf(merger, 1)).toBe(4)
    merger.merge(0, partialOf([delta('g', -1)], 2))
    expect(valueOf(merger, 2)).toBe(3)
  })

  test('keep -0', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', -0)]))
    expect(valueOf(merger, 0)).toBe(-0)
  })

  test('follow a clock that was set back', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', 1)], 0, 9_000))
    merger.close(endAt(0))
    const part = partialOf([gauge('g', 2)], 0, 1_000)
    merger.merge(0, { ...part, intervalEndMs: endAt(1) })
    expect(valueOf(merger, 1)).toBe(2)
  })

  test('do not go back to a value that comes late, and take its deltas', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', 5)], 0, 9_000))
    merger.close(endAt(0))
    merger.merge(1, partialOf([gauge('g', 3), delta('g', 2)], 0, 1_000))
    expect(valueOf(merger, 1)).toBe(7)
  })

  test('do not stick at a sum that is too large', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', Number.MAX_VALUE), delta('g', Number.MAX_VALUE)]))
    expect(valueOf(merger, 0)).toBe(Number.MAX_VALUE)
  })
})

describe('idle metrics', () => {
  test('flush zeros for five minutes and then stop', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([counter('c'), timer('t', 1), member('s', 'x')]))
    merger.close(endAt(0))
    for (let index = 1; index <= 30; index++) {
      expect(rowsOf(merger.close(endAt(index)))).toEqual([
        ['stats.counters.c.rate', 0],
        ['stats.counters.c.count', 0],
        ['stats.timers.t.count_ps', 0],
        ['stats.timers.t.count', 0],
        ['stats.sets.s.count', 0],
      ])
    }
    expect(merger.close(endAt(31)).series).toEqual([])
    expect(merger.metricCount).toBe(0)
  })

  test('a gauge keeps its value for a day', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([gauge('g', 7)]))
    merger.close(END_MS)
    const dayMs = 86_400_000
    expect(rowsOf(merger.close(END_MS + dayMs))).toEqual([['stats.gauges.g', 7]])
    expect(merger.close(END_MS + dayMs + INTERVAL_MS).series).toEqual([])
  })

  test('flush with samples only where they have no time at all', () => {
    const merger = newMerger({ idleTimeoutMs: { counter: 0, gauge: 0, timer: 0, set: 0 } })
    merger.merge(0, partialOf([counter('c'), timer('t', 1), member('s', 'x'), gauge('g', 5)]))
    expect(merger.close(endAt(0)).metricCounts).toEqual({ counter: 1, gauge: 1, timer: 1, set: 1 })
    expect(merger.close(endAt(1)).series).toEqual([])
    // The gauge is a new one: it changes from 0.
    merger.merge(0, partialOf([delta('g', 2)], 2))
    expect(rowsOf(merger.close(endAt(2)))).toEqual([['stats.gauges.g', 2]])
  })

  test('flush for ever where they have no end', () => {
    const idleTimeoutMs = { counter: Number.POSITIVE_INFINITY, gauge: Number.POSITIVE_INFINITY }
    const merger = newMerger({ idleTimeoutMs })
    merger.merge(0, partialOf([counter('c'), gauge('g', 5), timer('t', 1)]))
    merger.close(endAt(0))
    expect(rowsOf(merger.close(endAt(0) + 50 * 365 * 86_400_000))).toEqual([
      ['stats.counters.c.rate', 0],
      ['stats.counters.c.count', 0],
      ['stats.gauges.g', 5],
    ])
  })

  test('come back by the id their shard still knows', () => {
    const merger = newMerger()
    const shard = newShard()
    shard.add(counter('c'), END_MS - 1)
    merger.merge(0, shard.seal(END_MS))
    merger.close(endAt(0))
    expect(merger.close(endAt(50)).series).toEqual([])
    shard.add(counter('c', 2), endAt(50))
    const partial = shard.seal(endAt(51))
    expect(partial.names.ids).toHaveLength(0)
    merger.merge(0, partial)
    expect(rowsOf(merger.close(endAt(51)))[1]).toEqual(['stats.counters.c.count', 2])
  })
})

describe('ids', () => {
  test('belong to their shard', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([counter('a', 1)]))
    merger.merge(1, partialOf([counter('b', 2)]))
    merger.dropShard(1)
    merger.merge(1, partialOf([counter('c', 4)]))
    expect(rowsOf(merger.close(END_MS)).filter(([key]) => key.endsWith('.count'))).toEqual([
      ['stats.counters.a.count', 1],
      ['stats.counters.b.count', 2],
      ['stats.counters.c.count', 4],
    ])
  })

  test('that no name introduced, or another type has, are counted and left out', () => {
    const merger = newMerger()
    const partial = partialOf([counter('a')])
    merger.merge(0, { ...partial, names: toNameColumns([]) })
    merger.merge(0, { ...partial, names: toNameColumns([{ id: 0, type: 'gauge', key: 'a' }]) })
    expect(merger.unnamedRowCount).toBe(2)
    expect(merger.close(END_MS).series).toEqual([])
  })
})

const OTHER_FORM: Partial<IntervalMergerOptions> = {
  naming: { legacyNamespace: false, globalPrefix: 'kymo', globalSuffix: 'host' },
  percentiles: [50],
  histogram: [{ metric: 'a', upperEdges: [0, Number.POSITIVE_INFINITY] }],
  calculatedTimerMetrics: ['mean_percent', 'histogram', 'count'],
  timerWeighting: 'count',
  flushCounts: false,
}

describe('reconfigured', () => {
  test('metrics say other things of what they had been given', () => {
    const merger = newMerger()
    merger.merge(
      0,
      partialOf([counter('c', 20), gauge('g', 5), timer('a', 1), timer('a', 3), member('s', 'x')]),
    )
    merger.reconfigure({ intervalMs: INTERVAL_MS, ...OTHER_FORM })
    merger.merge(1, partialOf([delta('g', 1), timer('a', 5), member('s', 'y')]))
    expect(rowsOf(merger.close(END_MS))).toEqual([
      ['kymo.counters.c.rate.host', 2],
      ['kymo.timers.a.mean_50.host', 2],
      ['kymo.timers.a.count.host', 3],
      ['kymo.timers.a.histogram.bin_0.host', 0],
      ['kymo.timers.a.histogram.bin_inf.host', 3],
      ['kymo.gauges.g.host', 6],
      ['kymo.sets.s.count.host', 2],
    ])
  })

  test('to the same, identities are the same objects as before', () => {
    const merger = newMerger({ percentiles: [90] })
    merger.merge(0, partialOf([counter('c'), timer('t', 1)]))
    const before = merger.close(endAt(0)).series.find(({ metricKey }) => metricKey === 'c')
    merger.reconfigure({ intervalMs: INTERVAL_MS, percentiles: [90], idleTimeoutMs: { timer: 0 } })
    const { series } = merger.close(endAt(1))
    expect(series[0]).toBe(before)
    expect(series.every(({ metricKey }) => metricKey === 'c')).toBe(true)
  })

  test('new limits count what is there, let it stay, and take what is new', () => {
    const limits = (series: number) => createSeriesLimits({ series, prefixes: [] })
    const merger = newMerger({ admission: limits(3), idleTimeoutMs: { counter: 0 } })
    merger.merge(0, partialOf([counter('a'), counter('b'), counter('c')]))
    merger.reconfigure({ intervalMs: INTERVAL_MS, admission: limits(2), idleTimeoutMs: { counter: 0 } })
    merger.merge(0, partialOf([counter('a'), counter('b'), counter('c'), counter('d')]))
    expect(merger.close(endAt(0)).metricCounts.counter).toBe(4)
    merger.merge(0, partialOf([counter('e'), counter('f'), counter('g')], 1))
    expect(rowsOf(merger.close(endAt(1))).map(([name]) => name)).toContain(
      'stats.counters.__over_limit__.count',
    )
    expect(merger.close(endAt(2)).metricCounts.counter).toBe(0)
    merger.merge(0, partialOf([counter('e'), counter('f')], 3))
    expect(merger.close(endAt(3)).metricCounts.counter).toBe(2)
  })

  test('series about Kymo itself come and go, and are renamed', () => {
    const own = {
      read: () => ({ packetsReceived: 1, metricsReceived: 2, badLinesSeen: 0 }),
      monotonicMs: () => 0,
    }
    const keys = (merger: IntervalMerger, index: number) =>
      merger.close(endAt(index)).series.map(({ key: name }) => name)
    const merger = newMerger({ idleTimeoutMs: { counter: 0, gauge: 0 } })
    const options = { intervalMs: INTERVAL_MS, idleTimeoutMs: { counter: 0, gauge: 0 } }
    expect(keys(merger, 0)).toEqual([])
    merger.reconfigure({ ...options, own, naming: { statsPrefix: 'me' } })
    expect(keys(merger, 1)).toContain('stats.me.numStats')
    merger.reconfigure({ ...options, own })
    expect(keys(merger, 2)).toContain('stats.statsd.numStats')
    merger.reconfigure(options)
    expect(keys(merger, 3)).toEqual([])
  })
})

// A metric each of few names, so that shards meet; receive times are unique.
const key = fc.constantFrom('a', 'b', 'a;k=v', '__proto__', 'constructor')
const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc.tuple(key, number, fc.constantFrom(1, 2, 1 / 0.3)).map((args) => counter(...args)),
  fc.tuple(key, number).map((args) => gauge(...args)),
  fc.tuple(key, number, fc.constantFrom(1, 10)).map((args) => timer(...args)),
  fc.tuple(key, fc.constantFrom('joe', 'bob', '', '__proto__')).map((args) => member(...args)),
)

test('samples spread over any number of shards give the batch that one shard gives', () => {
  const spread = fc.array(fc.tuple(sample, fc.nat({ max: 4 })), { maxLength: 60 })
  fc.assert(
    fc.property(spread, fc.integer({ min: 1, max: 5 }), (events, shardCount) => {
      const whole = newShard()
      const shards = Array.from({ length: shardCount }, () => newShard())
      for (const [index, [event, shardIndex]] of events.entries()) {
        const receivedAtMs = END_MS - INTERVAL_MS + index
        whole.add(event, receivedAtMs)
        shards[shardIndex % shardCount]?.add(event, receivedAtMs)
      }
      const [one, many] = [newMerger(), newMerger()]
      one.merge(0, whole.seal(END_MS))
      for (const [shardId, shard] of shards.entries()) many.merge(shardId, shard.seal(END_MS))
      expectSameRows(many, one, 0, 1e-3)
    }),
    { numRuns: runs(300) },
  )
})

test('a merger that was reconfigured goes on as one that had been so from the start', () => {
  const interval = fc.array(sample, { maxLength: 20 })
  fc.assert(
    fc.property(interval, interval, interval, fc.boolean(), (past, before, after, isBack) => {
      const [from, to] = isBack ? [OTHER_FORM, {}] : [{}, OTHER_FORM]
      const merger = newMerger(from)
      const wanted = newMerger(to)
      for (const either of [merger, wanted]) {
        either.merge(0, partialOf(past))
        either.close(endAt(0))
        either.merge(1, partialOf(before, 1))
      }
      merger.reconfigure({ intervalMs: INTERVAL_MS, ...to })
      for (const either of [merger, wanted]) either.merge(2, partialOf(after, 1, 1_000))
      for (let index = 1; index < 4; index++) expectSameRows(merger, wanted, index, 0)
    }),
    { numRuns: runs(150) },
  )
})

const [twoIntervals, threeIntervals] = [2 * INTERVAL_MS, 3 * INTERVAL_MS]
const idleTimeoutMs = {
  counter: twoIntervals,
  gauge: threeIntervals,
  timer: twoIntervals,
  set: threeIntervals,
}

test('a merger restored from its bytes goes on as the one that was saved', () => {
  const interval = fc.array(
    fc.oneof(
      sample,
      fc.tuple(key, number).map((args) => delta(...args)),
    ),
    {
      maxLength: 20,
    },
  )
  fc.assert(
    fc.property(
      fc.array(interval, { minLength: 1, maxLength: 5 }),
      interval,
      interval,
      (past, open, next) => {
        const merger = newMerger({ idleTimeoutMs })
        for (const [index, samples] of past.entries()) {
          merger.merge(0, partialOf(samples, index))
          merger.close(endAt(index))
        }
        merger.merge(0, partialOf(open, past.length))
        const restored = newMerger({ idleTimeoutMs })
        restored.restore(decodePartial(encodePartial(merger.snapshot(endAt(past.length)))))
        const rest = partialOf(next, past.length, 1_000)
        for (const either of [merger, restored]) {
          either.dropShard(0)
          either.merge(0, rest)
        }
        for (let index = past.length; index < past.length + 5; index++)
          expectSameRows(restored, merger, index, 1e-3)
        expect(restored.metricCount).toBe(0)
      },
    ),
    { numRuns: runs(150) },
  )
})

describe('with bounds that are soon reached', () => {
  // Sums are added up in another order, so the values are small.
  const small = fc.integer({ min: -500, max: 500 })
  const one: fc.Arbitrary<Sample> = fc.oneof(
    fc.tuple(key, small, fc.constantFrom(1, 10)).map((args) => timer(...args)),
    fc.tuple(key, fc.stringMatching(/^[a-z]$/)).map((args) => member(...args)),
  )
  const samples = fc.array(one, { maxLength: 60 })
  const weighting = fc.constantFrom<TimerWeighting>('all', 'count')
  const bounds = { timerExactValues: 4, setExactMembers: 3, percentiles: [50, 90, -10], idleTimeoutMs }

  test('samples spread over any number of shards give the batch that one shard gives', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 4 }), weighting, (parts, timerWeighting) => {
        const [whole, many] = [
          newMerger({ ...bounds, timerWeighting }),
          newMerger({ ...bounds, timerWeighting }),
        ]
        whole.merge(0, partialOf(parts.flat()))
        for (const [shardId, part] of parts.toReversed().entries()) many.merge(shardId, partialOf(part))
        expectSameRows(many, whole, 0, 1e-3)
      }),
      { numRuns: runs(200) },
    )
  })

  test('a merger restored from its bytes saves the same, and goes on as the one that was saved', () => {
    fc.assert(
      fc.property(samples, samples, weighting, (open, next, timerWeighting) => {
        const merger = newMerger({ ...bounds, timerWeighting })
        merger.merge(0, partialOf(open))
        const saved = decodePartial(encodePartial(merger.snapshot(END_MS)))
        const restored = newMerger({ ...bounds, timerWeighting })
        restored.restore(saved)
        expect(decodePartial(encodePartial(restored.snapshot(END_MS)))).toEqual(saved)
        for (const either of [merger, restored]) either.merge(1, partialOf(next))
        expectSameRows(restored, merger, 0, 1e-3)
      }),
      { numRuns: runs(150) },
    )
  })
})

describe('sketches of timers', () => {
  const wanted = { wishes: () => ({ areSketchesWanted: true }) }
  const bucketsOf = ({ sketches }: FlushBatch) =>
    sketches?.series.map(({ key }, index) => [key, sketches.values[index]])

  test('are buckets of the values, beside the rows, in the order of values', () => {
    const merger = newMerger(wanted)
    merger.merge(
      0,
      partialOf([timer('t;k=v', 4), timer('t;k=v', -4), timer('t;k=v', 0), timer('t;k=v', 3.99)]),
    )
    merger.merge(1, partialOf([timer('t;k=v', 4), counter('c')]))
    const batch = merger.close(END_MS)
    expect(bucketsOf(batch)).toEqual([
      ['stats.timers.t.sketch.n5_63;k=v', 1],
      ['stats.timers.t.sketch.zero;k=v', 1],
      ['stats.timers.t.sketch.p5_63;k=v', 3],
    ])
    expect(batch.series.some(({ statistic }) => statistic === 'bucket')).toBe(false)
    expect(batch.sketches?.series[0]).toMatchObject({
      metricKey: 't;k=v',
      statistic: 'bucket',
      rollup: 'sum',
    })
    expect(merger.close(endAt(1)).sketches).toBeUndefined()
  })

  test('are the same past the bound of exact values', () => {
    const values = Array.from({ length: 100 }, (_, index) => timer('t', (index - 30) * 7.3))
    const [exact, sketched] = [newMerger(wanted), newMerger({ ...wanted, timerExactValues: 5 })]
    for (const merger of [exact, sketched]) merger.merge(0, partialOf(values))
    expect(bucketsOf(sketched.close(END_MS))).toEqual(bucketsOf(exact.close(END_MS)))
  })

  test('weigh as the statistics do', () => {
    for (const [timerWeighting, weight] of [
      ['all', 4],
      ['count', 1],
    ] as const) {
      const merger = newMerger({ ...wanted, timerWeighting })
      merger.merge(0, partialOf([timer('t', 4, 4)]))
      expect(bucketsOf(merger.close(END_MS))).toEqual([['stats.timers.t.sketch.p5_63', weight]])
    }
  })

  test('have identities that stay, until names are others', () => {
    const merger = newMerger(wanted)
    const next = (index: number) => {
      merger.merge(0, partialOf([timer('t', 4)], index))
      return merger.close(endAt(index)).sketches?.series[0]
    }
    const first = next(0)
    expect(next(1)).toBe(first)
    merger.reconfigure({ intervalMs: INTERVAL_MS, ...wanted, naming: { globalSuffix: 'web1' } })
    expect(next(2)?.key).toBe('stats.timers.t.sketch.p5_63.web1')
  })

  test('are not made where nobody keeps them', () => {
    const merger = newMerger()
    merger.merge(0, partialOf([timer('t', 4)]))
    expect(merger.close(END_MS).sketches).toBeUndefined()
  })
})

test('a snapshot changes nothing, and introduces all of its names', () => {
  const merger = newMerger()
  merger.merge(0, partialOf([counter('idle'), gauge('g', 5)]))
  merger.close(endAt(0))
  merger.merge(0, partialOf([counter('c', 2), delta('g', 1)], 1))
  const saved = merger.snapshot(endAt(1))
  expect([...namesOf(saved.names)]).toEqual([
    { id: 0, type: 'counter', key: 'c' },
    { id: 1, type: 'counter', key: 'idle', idleSinceMs: endAt(0) },
    { id: 2, type: 'gauge', key: 'g' },
  ])
  expect(saved.counters).toEqual({ ids: Uint32Array.of(0), sums: Float64Array.of(2) })
  expect(merger.snapshot(endAt(1))).toEqual(saved)
  expect(rowsOf(merger.close(endAt(1))).find(([name]) => name === 'stats.gauges.g')).toEqual([
    'stats.gauges.g',
    6,
  ])
})

function expectSameRows(
  actual: IntervalMerger,
  wanted: IntervalMerger,
  index: number,
  tolerance: number,
): void {
  const [actualRows, wantedRows] = [rowsOf(actual.close(endAt(index))), rowsOf(wanted.close(endAt(index)))]
  expect(actualRows.map(([name]) => name)).toEqual(wantedRows.map(([name]) => name))
  for (const [row, [name, value]] of actualRows.entries())
    expect(Math.abs(value - (wantedRows[row]?.[1] ?? Number.NaN)), name).toBeLessThanOrEqual(tolerance)
}
