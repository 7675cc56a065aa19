import { describe, expect, test } from 'vitest'
import { decodePartial } from '../formats/partial-aggregate/decode.ts'
import { encodePartial } from '../formats/partial-aggregate/encode.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { Sample } from '../model/sample.ts'
import { IntervalMerger, type IntervalMergerOptions } from './interval-merger.ts'
import { Shard } from './shard/shard.ts'
import { counter, gauge, member, timer } from './testdata/samples.ts'

const INTERVAL_MS = 10_000
const wishes = () => ({ areDetailsWanted: true })

function partialOf(samples: readonly Sample[]) {
  const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs: 0 })
  for (const sample of samples) shard.add(sample, 1)
  return shard.seal(INTERVAL_MS)
}

function flush(samples: readonly Sample[], options: Partial<IntervalMergerOptions> = {}): FlushBatch {
  const merger = new IntervalMerger({ intervalMs: INTERVAL_MS, wishes, ...options })
  merger.merge(0, partialOf(samples))
  return merger.close(INTERVAL_MS)
}

const numbers = (values: Float64Array | undefined) => values && [...values]
const timersOf = ({ details }: FlushBatch) =>
  details?.timers.map(({ metricKey, kind, values, weights }) => [
    metricKey,
    kind,
    numbers(values),
    numbers(weights),
  ])

describe('details of a flush', () => {
  test('are not made unless somebody asks', () => {
    expect(flush([timer('t', 1)], { wishes: () => ({}) }).details).toBeUndefined()
  })

  test('are the values of timers as they came, with their weights where there are any', () => {
    const batch = flush([timer('b;k=v', 4), timer('a', 1), timer('b;k=v', 3, 10), timer('a', 2)])
    expect(timersOf(batch)).toEqual([
      ['a', 'timing', [1, 2], undefined],
      ['b;k=v', 'timing', [4, 3], [1, 10]],
    ])
  })

  test('are a sketch where there were too many values', () => {
    const batch = flush(
      [1, 2, 3].map((value) => timer('t', value)),
      { timerExactValues: 2 },
    )
    expect(batch.details?.timers).toMatchObject([{ metricKey: 't', sketch: { valueCount: 3, sum: 6 } }])
    expect(batch.details?.timers[0]?.values).toHaveLength(0)
  })

  test('say which gauges had no sample, if somebody asks', () => {
    const merger = new IntervalMerger({
      intervalMs: INTERVAL_MS,
      wishes: () => ({ areDetailsWanted: true, areIdleGaugesWanted: true }),
    })
    merger.merge(0, partialOf([gauge('a', 1), gauge('b', 2)]))
    expect(merger.close(INTERVAL_MS).details?.idleGauges).toEqual([])
    const shard = new Shard({ intervalMs: INTERVAL_MS, nowMs: INTERVAL_MS })
    shard.add(gauge('b', 2), INTERVAL_MS + 1)
    merger.merge(1, shard.seal(2 * INTERVAL_MS))
    expect(merger.close(2 * INTERVAL_MS).details?.idleGauges).toEqual(['a'])
    expect(merger.close(3 * INTERVAL_MS).details?.idleGauges).toEqual(['a', 'b'])
    expect(flush([gauge('a', 1)]).details).not.toHaveProperty('idleGauges')
  })

  test('are the members of sets, unless they are only counted', () => {
    const samples = [member('s', 'x'), member('s', 'y'), member('s', 'x'), member('u', 'z')]
    expect(flush(samples).details?.sets).toEqual([
      { metricKey: 's', members: ['x', 'y'] },
      { metricKey: 'u', members: ['z'] },
    ])
    expect(flush(samples, { setExactMembers: 1 }).details?.sets.map(({ metricKey }) => metricKey)).toEqual([
      'u',
    ])
  })

  test('have nothing of metrics without a sample', () => {
    const merger = new IntervalMerger({ intervalMs: INTERVAL_MS, wishes })
    merger.merge(0, partialOf([timer('t', 1), member('s', 'x'), counter('c')]))
    merger.close(INTERVAL_MS)
    expect(merger.close(2 * INTERVAL_MS).details).toEqual({ timers: [], sets: [] })
  })

  test('lie in one piece of memory, so that they cross to another thread as one', () => {
    const { details } = flush([timer('a', 1), timer('b', 2, 2)])
    const buffers = details?.timers.flatMap(({ values, weights }) => [
      values.buffer,
      weights?.buffer ?? values.buffer,
    ])
    expect(new Set(buffers).size).toBe(1)
  })
})

describe('what a timer was sent as', () => {
  const sent: Sample[] = [
    timer('ms', 1),
    { ...timer('h', 1), timerKind: 'histogram' },
    { ...timer('d', 1), timerKind: 'distribution' },
    // What it was first sent as, it stays.
    { ...timer('h', 1), timerKind: 'timing' },
  ]
  const kinds = ['distribution d', 'histogram h', 'timing ms']
  const kindsOf = ({ details }: FlushBatch) =>
    details?.timers.map(({ kind, metricKey }) => `${kind} ${metricKey}`)

  test('is told with its values', () => {
    expect(kindsOf(flush(sent))).toEqual(kinds)
  })

  test('outlives a stop', () => {
    const merger = new IntervalMerger({ intervalMs: INTERVAL_MS, wishes })
    merger.merge(0, partialOf(sent))
    const restored = new IntervalMerger({ intervalMs: INTERVAL_MS, wishes })
    restored.restore(decodePartial(encodePartial(merger.snapshot(INTERVAL_MS))))
    expect(kindsOf(restored.close(INTERVAL_MS))).toEqual(kinds)
  })
})
