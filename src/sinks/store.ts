import type { Clock } from '../lib/clock.ts'
import { release } from '../lib/grow.ts'
import { SliceQueue, type Slices } from '../lib/slices.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Engine } from '../store/engine.ts'
import type { Sink } from './sink.ts'

export interface StoreSinkOptions {
  readonly engine: Pick<Engine, 'append' | 'introduce'>
  readonly catalog: Pick<Catalog, 'touch'>
  readonly clock: Clock
}

/**
 * Keeps what flows by in the store. What a flush brings that is new takes long, and is taken in slices, between which its thread can
 * close the next interval. The store belongs to whoever opened it: closing the sink leaves it open.
 */
export function createStoreSink({ engine, catalog, clock }: StoreSinkOptions): Sink {
  const work = new SliceQueue(() => clock.monotonicMs())
  /** Engines keep no column of a batch. */
  let times = new Float64Array(0)
  return {
    name: 'store',
    async flush(batch: FlushBatch): Promise<void> {
      const { timestampMs } = batch
      // Together: a flush is stored as a whole or not at all.
      const { series, values } = withSketches(batch)
      await work.run(engine.introduce(series))
      if (times.length !== series.length) {
        release(times)
        times = new Float64Array(series.length)
      }
      engine.append({ kind: 'number', series, timesMs: times.fill(timestampMs), values }, 'flush')
      // Names come after points: a series that can be found can be read.
      await work.run(touchAll(catalog, series, timestampMs))
    },
    points(batch: PointBatch): void {
      engine.append(batch, 'points')
      const { series, timesMs } = batch
      // Many times faster than `entries()`, and points come by millions.
      for (let index = 0; index < series.length; index++)
        catalog.touch(series[index] as SeriesIdentity, timesMs[index] as number)
    },
    async close() {},
  }
}

function* touchAll(
  catalog: Pick<Catalog, 'touch'>,
  series: readonly SeriesIdentity[],
  timeMs: number,
): Slices<void> {
  for (let start = 0; start < series.length; start += SERIES_IN_A_SLICE) {
    const end = Math.min(start + SERIES_IN_A_SLICE, series.length)
    for (let index = start; index < end; index++) catalog.touch(series[index] as SeriesIdentity, timeMs)
    yield
  }
}

function withSketches({ series, values, sketches }: FlushBatch): Pick<FlushBatch, 'series' | 'values'> {
  if (sketches === undefined) return { series, values }
  const all = new Float64Array(values.length + sketches.values.length)
  all.set(values)
  all.set(sketches.values, values.length)
  return { series: [...series, ...sketches.series], values: all }
}

/** New ones take some microseconds each. */
const SERIES_IN_A_SLICE = 256
