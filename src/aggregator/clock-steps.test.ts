import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../test/harness/runs.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import { FlushClock } from './flush-clock.ts'
import { IntervalMerger } from './interval-merger.ts'
import { Shard } from './shard/shard.ts'
import { counter } from './testdata/samples.ts'

// Two receiving threads and the keeper on one clock, which is stepped about while samples come in and flushes are
// asked for. Each shard looks at the clock at times of its own, as a busy thread does.
type Step =
  | { readonly kind: 'sample'; readonly shard: number }
  | { readonly kind: 'advance' | 'stepWallClock'; readonly byMs: number }
  | { readonly kind: 'flushNow' }
  | { readonly kind: 'look'; readonly shard: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('sample'), shard: fc.nat({ max: 1 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance'), byMs: fc.nat({ max: 25_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stepWallClock'),
      byMs: fc.integer({ min: -200_000, max: 200_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flushNow') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look'), shard: fc.nat({ max: 1 }) }) },
)

test('whatever the clock does, no timestamp is used twice, all are exact and rising, and no sample is lost', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new FakeClock()
      const intervalMs = 10_000
      const notBeforeMs = clock.nowMs() - intervalMs
      const merger = new IntervalMerger({ intervalMs })
      const shards = [0, 1].map(() => new Shard({ intervalMs, nowMs: clock.nowMs(), notBeforeMs }))
      const batches: FlushBatch[] = []
      const flush = (endMs: number) => {
        for (const [shardId, shard] of shards.entries())
          if (shard.intervalEndMs <= endMs) merger.merge(shardId, shard.seal(clock.nowMs(), endMs))
        batches.push(merger.close(endMs))
      }
      const flushClock = new FlushClock({ clock, intervalMs, notBeforeMs, onDue: flush })
      flushClock.start()

      let sent = 0
      for (const action of steps) {
        if (action.kind === 'advance') clock.advance(action.byMs)
        if (action.kind === 'stepWallClock') clock.stepWallClock(action.byMs)
        if (action.kind === 'flushNow') flush(flushClock.closeEarly())
        if (action.kind === 'sample' || action.kind === 'look') {
          const shard = shards[action.shard]
          if (shard?.isDue(clock.nowMs())) merger.merge(action.shard, shard.seal(clock.nowMs()))
          if (action.kind === 'sample') {
            shard?.add(counter('a'), clock.nowMs())
            sent += 1
          }
        }
      }
      flushClock.stop()
      for (const [shardId, shard] of shards.entries()) merger.merge(shardId, shard.seal(clock.nowMs()))
      flush(flushClock.intervalEndMs)

      const times = batches.map(({ timestampMs }) => timestampMs)
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b))
      expect(times.every((timeMs) => timeMs % intervalMs === 0 && timeMs > notBeforeMs)).toBe(true)
      const flushed = batches.map(({ series, values }) =>
        series[1]?.key === 'stats.counters.a.count' ? (values[1] ?? 0) : 0,
      )
      expect(flushed.reduce((sum, value) => sum + value, 0)).toBe(sent)
    }),
    { numRuns: runs(300) },
  )
})
