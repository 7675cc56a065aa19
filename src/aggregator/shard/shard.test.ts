import { describe, expect, test } from 'vitest'
import { namesOf, type PartialAggregate } from '../../model/partial-aggregate.ts'
import { Shard } from './shard.ts'
import { counter, delta, gauge, member, timer } from '../testdata/samples.ts'

const NOW_MS = 1_700_000_003_000
const END_MS = 1_700_000_010_000
const newShard = (idleIntervals = 30) => new Shard({ intervalMs: 10_000, nowMs: NOW_MS, idleIntervals })

describe('a shard collects', () => {
  test('counters as the sum of values and weights', () => {
    const shard = newShard()
    shard.add(counter('a', 2, 4), NOW_MS)
    shard.add(counter('a', 5, 4), NOW_MS)
    shard.add(counter('b', -1), NOW_MS)
    const partial = shard.seal(NOW_MS)
    expect(partial.intervalEndMs).toBe(END_MS)
    expect([...namesOf(partial.names)]).toEqual([
      { id: 0, type: 'counter', key: 'a' },
      { id: 1, type: 'counter', key: 'b' },
    ])
    expect(partial.counters).toEqual({ ids: Uint32Array.of(0, 1), sums: Float64Array.of(28, -1) })
  })

  test('gauges as the last absolute value, its time, and the deltas since', () => {
    const shard = newShard()
    for (const [index, sample] of [
      gauge('a', 1),
      delta('a', 5),
      gauge('a', -0),
      delta('a', 2),
      delta('a', -3),
      delta('b', 4),
    ].entries()) {
      shard.add(sample, NOW_MS + index)
    }
    expect(shard.seal(NOW_MS).gauges).toEqual({
      ids: Uint32Array.of(0, 1),
      absolutes: Float64Array.of(-0, Number.NaN),
      absoluteTimesMs: Float64Array.of(NOW_MS + 2, 0),
      deltas: Float64Array.of(-1, 4),
    })
  })

  test('every value of a timer with its weight, and every member of a set once', () => {
    const shard = newShard()
    for (const sample of [timer('t', 3), timer('t', 1, 10), timer('u', 7)]) shard.add(sample, NOW_MS)
    for (const name of ['joe', 'bob', 'joe']) shard.add(member('s', name), NOW_MS)
    const { timers, sets } = shard.seal(NOW_MS)
    expect(timers).toEqual({
      ids: Uint32Array.of(0, 0, 1),
      values: Float64Array.of(3, 1, 7),
      weights: Float64Array.of(1, 10, 1),
    })
    expect(sets).toEqual({
      ids: Uint32Array.of(2),
      offsets: Uint32Array.of(0, 2),
      members: ['joe', 'bob'],
    })
  })

  test('one key of two types as two metrics', () => {
    const shard = newShard()
    for (const sample of [counter('a'), timer('a', 5), gauge('a', 6), member('a', 'x')])
      shard.add(sample, NOW_MS)
    const names = [...namesOf(shard.seal(NOW_MS).names)]
    expect(names.map(({ type }) => type)).toEqual(['counter', 'timer', 'gauge', 'set'])
    expect(new Set(names.map(({ id }) => id)).size).toBe(4)
  })

  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', ''])(
    'the ordinary metric %j',
    (key) => {
      const shard = newShard()
      shard.add(counter(key), NOW_MS)
      shard.add(member(key, key), NOW_MS)
      const { names, sets } = shard.seal(NOW_MS)
      expect([...namesOf(names)].map((name) => name.key)).toEqual([key, key])
      expect(sets.members).toEqual([key])
    },
  )

  test('finite numbers only, whatever is sent', () => {
    const shard = newShard()
    const huge = Number.MAX_VALUE
    for (const sample of [counter('a', huge), counter('a', huge), counter('b', 0, Number.POSITIVE_INFINITY)])
      shard.add(sample, NOW_MS)
    for (const sample of [delta('g', -huge), delta('g', -huge), timer('t', 0, Number.POSITIVE_INFINITY)])
      shard.add(sample, NOW_MS)
    const { counters, gauges, timers } = shard.seal(NOW_MS)
    expect([...counters.sums, ...gauges.deltas, ...timers.weights]).toEqual([huge, 0, -huge, huge])
  })
})

describe('a sealed interval', () => {
  test('leaves nothing behind', () => {
    const shard = newShard()
    for (const sample of [counter('a'), gauge('a', 1), timer('a', 5), member('a', 'x')])
      shard.add(sample, NOW_MS)
    shard.seal(NOW_MS)
    const partial = shard.seal(NOW_MS)
    expect(partial.intervalEndMs).toBe(END_MS + 10_000)
    expect([...namesOf(partial.names)]).toEqual([])
    for (const columns of [partial.counters, partial.gauges, partial.timers, partial.sets])
      expect(columns.ids).toHaveLength(0)
  })

  test('carries the end of the interval its samples belong to when the clock has moved on', () => {
    const shard = newShard()
    shard.add(counter('a'), NOW_MS)
    expect(shard.isDue(NOW_MS + 65_000)).toBe(true)
    expect(shard.seal(NOW_MS + 65_000).intervalEndMs).toBe(END_MS)
    expect(shard.intervalEndMs).toBe(NOW_MS + 67_000)
  })

  test('is stamped no earlier than the flush that asks for it', () => {
    const shard = newShard()
    expect(shard.seal(NOW_MS, END_MS + 20_000).intervalEndMs).toBe(END_MS + 20_000)
    expect(shard.intervalEndMs).toBe(END_MS + 30_000)
  })
})

describe('names', () => {
  test('travel once', () => {
    const shard = newShard()
    shard.add(counter('a'), NOW_MS)
    expect(shard.seal(NOW_MS).names.ids).toHaveLength(1)
    shard.add(counter('a'), NOW_MS)
    shard.add(counter('b'), NOW_MS)
    expect([...namesOf(shard.seal(NOW_MS).names)]).toEqual([{ id: 1, type: 'counter', key: 'b' }])
  })

  test('travel again, each with its next use, when a new keeper is there', () => {
    const shard = newShard()
    shard.add(counter('a'), NOW_MS)
    shard.add(counter('b'), NOW_MS)
    shard.seal(NOW_MS)
    shard.forgetNames()
    shard.add(counter('b'), NOW_MS)
    expect([...namesOf(shard.seal(NOW_MS).names)]).toEqual([{ id: 1, type: 'counter', key: 'b' }])
    shard.add(counter('a'), NOW_MS)
    shard.add(counter('b'), NOW_MS)
    expect([...namesOf(shard.seal(NOW_MS).names)]).toEqual([{ id: 0, type: 'counter', key: 'a' }])
  })

  test('of what is open are told to a keeper that came in between', () => {
    const shard = newShard()
    shard.add(counter('a'), NOW_MS)
    shard.seal(NOW_MS)
    shard.add(counter('a'), NOW_MS)
    shard.forgetNames()
    expect([...namesOf(shard.seal(NOW_MS).names)]).toEqual([{ id: 0, type: 'counter', key: 'a' }])
    shard.add(counter('a'), NOW_MS)
    expect(shard.seal(NOW_MS).names.ids).toHaveLength(0)
  })

  test('of series unused for long are forgotten, and their ids are introduced anew', () => {
    const shard = newShard(2)
    shard.add(counter('old'), NOW_MS)
    shard.add(counter('kept'), NOW_MS)
    for (let i = 0; i < 4; i++) {
      shard.seal(NOW_MS)
      shard.add(counter('kept'), NOW_MS)
    }
    expect(shard.seriesCount).toBe(1)
    shard.add(gauge('new', 1), NOW_MS)
    const { names, counters } = shard.seal(NOW_MS)
    expect([...namesOf(names)]).toEqual([{ id: 0, type: 'gauge', key: 'new' }])
    expect(counters.ids).toEqual(Uint32Array.of(1))
  })

  test('do not pile up when every interval brings others', () => {
    const shard = newShard(3)
    for (let i = 0; i < 200; i++) {
      for (let k = 0; k < 5; k++) shard.add(counter(`burst.${i}.${k}`), NOW_MS)
      const { counters } = shard.seal(NOW_MS)
      expect(Math.max(...counters.ids)).toBeLessThan(5 * 7)
      expect(shard.seriesCount).toBeLessThan(5 * 7)
    }
  })
})

test('how often each metric was sent is counted once', () => {
  const shard = newShard()
  shard.countSamples(true)
  for (const sample of [counter('a'), timer('t', 1), counter('a', 5, 10)]) shard.add(sample, NOW_MS)
  expect(shard.takeKeyCounts()).toEqual({ keys: ['a', 't'], counts: Float64Array.of(2, 1) })
  shard.add(timer('t', 1), NOW_MS)
  expect(shard.takeKeyCounts().counts).toEqual(Float64Array.of(0, 1))
  shard.seal(NOW_MS)
  expect(shard.takeKeyCounts().keys).toEqual([])
})

test('a line is known again however often its shape was forgotten', () => {
  const shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS, mostBytes: 8_192 })
  const line = Buffer.from('a:1|c|#k:v\n')
  const packet = Buffer.concat([line, Buffer.alloc(16)])
  const take = (): number => {
    shard.lines.take(packet, 0, line.length)
    return shard.lines.takenCount
  }
  for (let time = 0; time < 300; time++) {
    expect(take()).toBe(0)
    shard.lines.decoding()
    shard.add(counter('a;k=v'), NOW_MS)
    shard.lines.decoded(packet, 0, line.length - 1)
    expect(take(), `the shape is forgotten for the ${time}th time`).toBe(1)
    expect(shard.isFull).toBe(false)
    expect(shard.seal(NOW_MS).counters.sums).toEqual(Float64Array.of(2))
    shard.forgetShapes()
  }
  expect(shard.seriesCount).toBe(1)
})

let shard: Shard

describe('a gauge that was handed over before its interval ended', () => {
  test.each<[string, () => PartialAggregate]>([
    ['to be looked at', () => shard.handOver()],
    ['for want of room', () => shard.relieve()],
  ])('%s, takes deltas back with a new absolute value', (_, handOver) => {
    shard = new Shard({ intervalMs: 10_000, nowMs: NOW_MS, mostBytes: 300 })
    while (!shard.isFull) shard.add(counter(`c.${shard.seriesCount}`), NOW_MS)
    shard.add(gauge('g', 5), NOW_MS)
    shard.add(delta('g', 9), NOW_MS)
    const first = handOver()
    shard.add(delta('g', 2), NOW_MS + 1)
    shard.add(gauge('g', 4), NOW_MS + 2)
    shard.add(delta('g', 1), NOW_MS + 3)
    const second = shard.seal(NOW_MS)
    const [handed = 0, then = 0] = [first.gauges.deltas[0], second.gauges.deltas[0]]
    expect([first.gauges.absolutes[0], handed]).toEqual([5, 9])
    expect([second.gauges.absolutes[0], handed + then]).toEqual([4, 1])
    shard.add(gauge('g', 7), NOW_MS + 4)
    expect(shard.seal(NOW_MS).gauges.deltas[0]).toBe(0)
  })
})

describe('a gauge whose keeper is gone with what was handed over', () => {
  test.each([
    ['before', () => shard.forgetNames(), () => {}],
    ['behind', () => {}, () => shard.forgetNames()],
  ])('takes nothing back from the next one, which came %s a new absolute value', (_, before, behind) => {
    shard = newShard()
    shard.add(gauge('g', 5), NOW_MS)
    shard.add(delta('g', 9), NOW_MS)
    shard.handOver()
    before()
    shard.add(gauge('g', 4), NOW_MS + 1)
    shard.add(delta('g', 1), NOW_MS + 2)
    behind()
    shard.add(delta('g', 2), NOW_MS + 3)
    const { gauges } = shard.seal(NOW_MS)
    expect([gauges.absolutes[0], gauges.deltas[0]]).toEqual([4, 3])
    shard.add(gauge('g', 7), NOW_MS + 4)
    expect(shard.seal(NOW_MS).gauges.deltas[0]).toBe(0)
  })

  test('goes on with the deltas alone that come after', () => {
    shard = newShard()
    shard.add(delta('g', 9), NOW_MS)
    shard.handOver()
    shard.add(delta('g', 1), NOW_MS)
    shard.forgetNames()
    shard.add(delta('g', 2), NOW_MS)
    const { gauges } = shard.seal(NOW_MS)
    expect([gauges.absolutes[0], gauges.deltas[0]]).toEqual([Number.NaN, 3])
  })
})

describe('relieved when it is full, a shard has room again', () => {
  const MOST_BYTES = 100_000
  let deltaSum = 0
  const full = (): Shard => new Shard({ intervalMs: 10_000, nowMs: NOW_MS, mostBytes: MOST_BYTES })
  const relieve = (): void => {
    for (const each of shard.relieve().gauges.deltas) deltaSum += each
    expect(shard.isFull).toBe(false)
  }
  test.each<[string, (index: number) => string, (index: number) => string]>([
    ['of one gauge, written in ever other ways', () => 'g', (index) => `g:+1|g|#t:${index}`],
    ['of ever other gauges', (index) => `g.${index}`, (index) => `g.${index}:+1|g`],
  ])('by deltas %s', (_, keyOf, lineOf) => {
    shard = full()
    deltaSum = 0
    let reliefs = 0
    for (let index = 0; index < 10_000; index++) {
      if (shard.isFull) {
        relieve()
        reliefs++
      }
      const line = Buffer.from(`${lineOf(index)}\n`)
      shard.lines.decoding()
      shard.add(delta(keyOf(index), 1), NOW_MS)
      shard.lines.decoded(line, 0, line.length - 1)
    }
    for (const each of shard.seal(NOW_MS).gauges.deltas) deltaSum += each
    expect(deltaSum).toBe(10_000)
    // Each time it has room for a good part of what it holds.
    expect(reliefs).toBeGreaterThan(2)
    expect(reliefs).toBeLessThan((10_000 * 150) / (MOST_BYTES / 4))
  })
})
