import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FlushBatch } from '../model/flush-batch.ts'
import { KymoError } from '../telemetry/errors.ts'
import type { Sink } from './sink.ts'
import {
  BATCH_TIME_MS,
  eventsOf,
  gaugesOf,
  HOSTILE_NAMES,
  pointBatchOf,
  TUTORIAL_BATCH,
} from './testdata/batches.ts'

export interface SinkUnderTest {
  readonly sink: Sink
  /** How many points and events arrived, by the sink's own format: a name that breaks its framing changes the number. */
  arrivedPoints(): number | Promise<number>
  /** What TUTORIAL_BATCH arrives as, by a format that does not tell every series; left out: one point for each. */
  readonly tutorialPoints?: number
  /** Takes down what the sink writes to. */
  readonly release?: () => Promise<void>
}

export interface SinkWorlds {
  /** A sink on a world that takes everything. */
  readonly working: () => Promise<SinkUnderTest>
  /** A sink on a world that takes nothing and says nothing: a flush of 200,000 points does not come to an end. */
  readonly stalled?: () => Promise<SinkUnderTest>
  /** A sink on a world that is not there. Left out by a sink that cannot lose its world. */
  readonly unreachable?: () => Promise<SinkUnderTest>
}

let large: FlushBatch | undefined

/** 200,000 points, made once for all sinks of a file. */
function largeBatch(): FlushBatch {
  large ??= gaugesOf(
    Array.from({ length: 200_000 }, (_, index) => `stalled.with.a.name.of.some.length.${index}`),
  )
  return large
}

/** What every sink promises. Called by the test of each. */
export function sinkConformance(name: string, worlds: SinkWorlds): void {
  const signal = new AbortController().signal

  describe(`${name}: a sink`, () => {
    let tested: SinkUnderTest
    let sink: Sink

    beforeEach(async () => {
      tested = await worlds.working()
      sink = tested.sink
    })

    afterEach(async () => {
      await sink.close()
      await tested.release?.()
    })

    test('can be closed before its first flush, and twice', async () => {
      await sink.close()
      await sink.close()
    })

    test('can be closed twice after a flush', async () => {
      await sink.flush?.(TUTORIAL_BATCH, signal)
      await sink.close()
      await sink.close()
    })

    test('takes an empty batch', async () => {
      await sink.flush?.(gaugesOf([]), signal)
      await sink.points?.(pointBatchOf([]), signal)
      await sink.events?.([], signal)
      expect(await tested.arrivedPoints()).toBe(0)
    })

    test('delivers every point of every flush', async () => {
      if (sink.flush === undefined) return
      await sink.flush(TUTORIAL_BATCH, signal)
      await sink.flush({ ...TUTORIAL_BATCH, timestampMs: BATCH_TIME_MS + 10_000 }, signal)
      await expect
        .poll(() => tested.arrivedPoints())
        .toBe(2 * (tested.tutorialPoints ?? TUTORIAL_BATCH.series.length))
    })

    test('delivers points with times of their own', async () => {
      if (sink.points === undefined) return
      await sink.points(pointBatchOf(['a', 'b;k=v', 'c']), signal)
      await expect.poll(() => tested.arrivedPoints()).toBe(3)
    })

    test('delivers events', async () => {
      if (sink.events === undefined) return
      await sink.events(eventsOf(['a', 'b', 'c']), signal)
      await expect.poll(() => tested.arrivedPoints()).toBe(3)
    })

    test('carries hostile names without breaking its framing, or says how many it left out', async () => {
      const flushed = await sink.flush?.(gaugesOf(HOSTILE_NAMES), signal)
      const sent = await sink.points?.(pointBatchOf(HOSTILE_NAMES), signal)
      const told = await sink.events?.(eventsOf(HOSTILE_NAMES), signal)
      const methods = (['flush', 'points', 'events'] as const).filter((method) => method in sink)
      const given = methods.length * HOSTILE_NAMES.length
      const refused = (flushed?.refusedPoints ?? 0) + (sent?.refusedPoints ?? 0) + (told?.refusedPoints ?? 0)
      await expect.poll(() => tested.arrivedPoints()).toBe(given - refused)
    })

    test('leaves the batch as it was', async () => {
      const batch = gaugesOf(['b', 'a'])
      const before = structuredClone(batch)
      await sink.flush?.(batch, signal)
      expect(batch).toEqual(before)
      const events = eventsOf(['b', 'a'])
      await sink.events?.(events, signal)
      expect(events).toEqual(eventsOf(['b', 'a']))
    })

    test('does nothing for a signal that has aborted', async () => {
      if (sink.flush !== undefined) {
        await expect(async () => sink.flush?.(TUTORIAL_BATCH, AbortSignal.abort())).rejects.toThrow()
      }
      if (sink.events !== undefined) {
        await expect(async () => sink.events?.(eventsOf(['a']), AbortSignal.abort())).rejects.toThrow()
      }
      expect(await tested.arrivedPoints()).toBe(0)
    })
  })

  const { stalled, unreachable } = worlds

  if (stalled !== undefined) {
    test(`${name}: a sink on a world that takes nothing gives up when its signal aborts`, async () => {
      const { sink, release } = await stalled()
      const abort = new AbortController()
      const flushing = Promise.resolve(sink.flush?.(largeBatch(), abort.signal))
      setImmediate(() => abort.abort(new Error('enough')))
      await expect(flushing).rejects.toThrow()
      await sink.close()
      await release?.()
    })
  }

  if (unreachable !== undefined) {
    test(`${name}: a sink on a world that is not there rejects with an error that can be retried`, async () => {
      const { sink, release } = await unreachable()
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const error = await Promise.resolve(sink.flush?.(TUTORIAL_BATCH, signal)).catch(
          (thrown: unknown) => thrown,
        )
        expect(error).toBeInstanceOf(KymoError)
        expect((error as KymoError).isRetryable).toBe(true)
      }
      await sink.close()
      await release?.()
    })
  }
}
