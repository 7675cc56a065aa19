import { afterEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { Flusher } from './flusher.ts'
import { IntervalMerger } from './interval-merger.ts'
import { Shard } from './shard/shard.ts'

const INTERVAL_MS = 10_000
const START_MS = 1_700_000_000_000

/** A keeper with two shards in one thread: what a shard seals is handed over at once, or when the test says so. */
class Keeper {
  readonly clock = new FakeClock(START_MS)
  readonly batches: FlushBatch[] = []
  readonly collected: { endMs: number; isEarly: boolean }[] = []
  readonly shards = [1, 2].map((id) => ({ id, shard: this.newShard() }))
  latePartials = 0
  flushDurations: number[] = []
  /** Publishing waits for this. */
  published: Promise<void> = Promise.resolve()
  /** Collecting waits for this. */
  collecting: Promise<void> = Promise.resolve()
  readonly flusher: Flusher

  constructor(notBeforeMs = 0) {
    this.flusher = new Flusher({
      clock: this.clock,
      intervalMs: INTERVAL_MS,
      merger: new IntervalMerger({ intervalMs: INTERVAL_MS }),
      notBeforeMs,
      collect: async (endMs, isEarly) => {
        this.collected.push({ endMs, isEarly })
        if (isEarly) {
          for (const { id, shard } of this.shards)
            if (shard.intervalEndMs <= endMs) this.flusher.receive(id, shard.seal(this.clock.nowMs(), endMs))
        }
        await this.collecting
      },
      publish: async (batch) => {
        this.batches.push(batch)
        await this.published
      },
      durationSeconds: { observe: (seconds) => this.flushDurations.push(seconds) },
      latePartials: { add: (count) => (this.latePartials += count) },
    })
    this.flusher.start()
  }

  newShard(): Shard {
    return new Shard({ intervalMs: INTERVAL_MS, nowMs: this.clock.nowMs() })
  }

  count(key: string, value: number, shardIndex = 0): void {
    const sample = { key, type: 'counter', value, weight: 1, isDelta: false, member: '' } as const
    this.#shard(shardIndex).shard.add(sample, this.clock.nowMs())
  }

  /** As the first packet behind a boundary does. */
  seal(shardIndex = 0): void {
    const { id, shard } = this.#shard(shardIndex)
    this.flusher.receive(id, shard.seal(this.clock.nowMs()))
  }

  /** End and value of every flush of a counter that was not 0. */
  counts(key: string): [number, number][] {
    return this.batches.flatMap(({ timestampMs, series, values }) =>
      series.flatMap((identity, row): [number, number][] =>
        identity.key === `stats.counters.${key}.count` && values[row] !== 0
          ? [[timestampMs - START_MS, values[row] ?? 0]]
          : [],
      ),
    )
  }

  stamps(): number[] {
    return this.batches.map(({ timestampMs }) => timestampMs - START_MS)
  }

  /** Lets promises that can go on do so. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }

  async advance(byMs: number): Promise<void> {
    this.clock.advance(byMs)
    await this.settle()
  }

  #shard(index: number): { id: number; shard: Shard } {
    const shard = this.shards[index]
    if (shard === undefined) throw new Error('no such shard')
    return shard
  }
}

let rejections = 0
const countRejection = (): void => void rejections++
process.on('unhandledRejection', countRejection)
afterEach(() => expect(rejections).toBe(0))

test('each interval is one batch of all shards, stamped with its end', async () => {
  const keeper = new Keeper()
  for (const endMs of [10_000, 20_000, 30_000]) {
    keeper.count('hits', 1, 0)
    keeper.count('hits', 10, 1)
    keeper.clock.advance(INTERVAL_MS - 1)
    keeper.seal(0)
    keeper.seal(1)
    await keeper.advance(1)
    expect(keeper.counts('hits').at(-1)).toEqual([endMs, 11])
  }
  expect(keeper.stamps()).toEqual([10_000, 20_000, 30_000])
  expect(keeper.collected.every(({ isEarly }) => !isEarly)).toBe(true)
  expect(keeper.latePartials).toBe(0)
  expect(keeper.flushDurations.length).toBe(3)
})

test('a partial that comes late counts in the next interval, and is counted', async () => {
  const keeper = new Keeper()
  keeper.count('hits', 5)
  await keeper.advance(INTERVAL_MS)
  expect(keeper.counts('hits')).toEqual([])
  keeper.seal()
  expect(keeper.latePartials).toBe(1)
  await keeper.advance(INTERVAL_MS)
  expect(keeper.counts('hits')).toEqual([[20_000, 5]])
})

test('an empty partial that comes late is nothing to count', async () => {
  const keeper = new Keeper()
  await keeper.advance(INTERVAL_MS)
  keeper.seal()
  expect(keeper.latePartials).toBe(0)
})

test('a partial that comes early waits for its interval', async () => {
  const keeper = new Keeper()
  const collecting = Promise.withResolvers<void>()
  keeper.collecting = collecting.promise
  keeper.count('hits', 1)
  keeper.clock.advance(INTERVAL_MS)
  keeper.seal()
  await keeper.settle()
  // The first flush still waits for the other shard while this one is at the end of its next interval already.
  keeper.count('hits', 2)
  keeper.clock.advance(INTERVAL_MS)
  keeper.seal()
  collecting.resolve()
  await keeper.settle()
  expect(keeper.counts('hits')).toEqual([
    [10_000, 1],
    [20_000, 2],
  ])
  expect(keeper.latePartials).toBe(0)
})

test('when publishing takes several intervals, each sample still counts in its own', async () => {
  const keeper = new Keeper()
  const published = Promise.withResolvers<void>()
  keeper.published = published.promise
  for (const value of [1, 2, 3, 4, 5, 6]) {
    keeper.count('hits', value)
    keeper.clock.advance(INTERVAL_MS)
    keeper.seal()
    await keeper.settle()
  }
  keeper.count('hits', 7)
  published.resolve()
  await keeper.settle()
  await keeper.settle()
  keeper.clock.advance(INTERVAL_MS)
  keeper.seal()
  await keeper.settle()
  expect(keeper.counts('hits')).toEqual([
    [10_000, 1],
    [20_000, 2],
    [30_000, 3],
    [40_000, 4],
    [50_000, 5],
    [60_000, 6],
    [70_000, 7],
  ])
  expect(keeper.latePartials).toBe(0)
})

test('intervals are closed on time while publishing is a few behind, and no further', async () => {
  const keeper = new Keeper()
  const published = Promise.withResolvers<void>()
  keeper.published = published.promise
  for (const closed of [1, 2, 3, 4, 4, 4]) {
    await keeper.advance(INTERVAL_MS)
    expect(keeper.stamps()).toHaveLength(closed)
  }
  expect(keeper.flushDurations).toEqual([])
  published.resolve()
  await keeper.settle()
  await keeper.settle()
  expect(keeper.stamps()).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000])
  expect(keeper.flushDurations).toHaveLength(6)
})

describe('a flush that is asked for', () => {
  test('closes the open interval under its own end, which is then not used again', async () => {
    const keeper = new Keeper()
    await keeper.advance(3_000)
    keeper.count('hits', 7)
    const batch = await keeper.flusher.flushNow()
    expect(batch.timestampMs - START_MS).toBe(10_000)
    expect(keeper.counts('hits')).toEqual([[10_000, 7]])
    expect(keeper.flusher.openEndMs - START_MS).toBe(20_000)
    // Received before 10 s, but 10 s is taken.
    keeper.count('hits', 8)
    await keeper.advance(7_000)
    expect(keeper.stamps()).toEqual([10_000])
    keeper.clock.advance(INTERVAL_MS)
    keeper.seal()
    await keeper.settle()
    expect(keeper.counts('hits')).toEqual([
      [10_000, 7],
      [20_000, 8],
    ])
    expect(keeper.latePartials).toBe(0)
  })

  test('several at once get a timestamp each', async () => {
    const keeper = new Keeper()
    const batches = await Promise.all([1, 2, 3].map(() => keeper.flusher.flushNow()))
    expect(batches.map(({ timestampMs }) => timestampMs - START_MS)).toEqual([10_000, 20_000, 30_000])
  })

  test('is refused once it is stopped: what is open is saved, and must not be flushed too', async () => {
    const keeper = new Keeper()
    const stopped = keeper.flusher.stop()
    await expect(keeper.flusher.flushNow()).rejects.toMatchObject({ code: 'not-ready' })
    await stopped
    expect(keeper.batches).toEqual([])
  })
})

describe('a shard that is dropped', () => {
  test('leaves what it has handed over', async () => {
    const keeper = new Keeper()
    keeper.count('hits', 1)
    keeper.seal()
    keeper.flusher.dropShard(1)
    await keeper.advance(INTERVAL_MS)
    expect(keeper.counts('hits')).toEqual([[10_000, 1]])
  })

  test('leaves what it sent ahead, which is merged while its ids mean something', async () => {
    const keeper = new Keeper()
    const collecting = Promise.withResolvers<void>()
    keeper.collecting = collecting.promise
    await keeper.advance(INTERVAL_MS)
    keeper.count('old', 1)
    keeper.seal()
    keeper.count('old', 2)
    keeper.clock.advance(INTERVAL_MS)
    keeper.seal()
    keeper.flusher.dropShard(1)
    // The next thread of that number means something else by the same ids.
    const next = keeper.newShard()
    next.add(
      { key: 'new', type: 'counter', value: 100, weight: 1, isDelta: false, member: '' },
      keeper.clock.nowMs(),
    )
    keeper.flusher.receive(1, next.seal(keeper.clock.nowMs()))
    collecting.resolve()
    await keeper.settle()
    await keeper.advance(INTERVAL_MS)
    const sum = (key: string) => keeper.counts(key).reduce((total, [, value]) => total + value, 0)
    expect(sum('old')).toBe(3)
    expect(sum('new')).toBe(100)
  })
})

describe('stopping', () => {
  test('ends the flushes; what is open stays open', async () => {
    const keeper = new Keeper()
    keeper.count('hits', 1)
    keeper.seal()
    await keeper.flusher.stop()
    await keeper.advance(5 * INTERVAL_MS)
    expect(keeper.batches).toEqual([])
    expect(keeper.flusher.openEndMs - START_MS).toBe(10_000)
  })

  test('waits for the flush that is under way', async () => {
    const keeper = new Keeper()
    const published = Promise.withResolvers<void>()
    keeper.published = published.promise
    keeper.count('hits', 1)
    keeper.clock.advance(INTERVAL_MS)
    keeper.seal()
    await keeper.settle()
    let isStopped = false
    const stopped = keeper.flusher.stop().then(() => (isStopped = true))
    await keeper.settle()
    expect(isStopped).toBe(false)
    published.resolve()
    await stopped
    expect(keeper.counts('hits')).toEqual([[10_000, 1]])
  })
})

test('nothing is stamped with a time that an earlier life has used', async () => {
  const keeper = new Keeper(START_MS + 10_000)
  expect(keeper.flusher.openEndMs - START_MS).toBe(20_000)
  await keeper.advance(INTERVAL_MS)
  expect(keeper.stamps()).toEqual([])
  await keeper.advance(INTERVAL_MS)
  expect(keeper.stamps()).toEqual([20_000])
})
