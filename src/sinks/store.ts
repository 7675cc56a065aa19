import { release } from '../lib/grow.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { PointBatch } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Engine } from '../store/engine.ts'
import type { Sink } from './sink.ts'

/** Keeps what flows by in the store. The store belongs to whoever opened it: closing the sink leaves it open. */
export function createStoreSink(engine: Pick<Engine, 'append'>, catalog: Pick<Catalog, 'touch'>): Sink {
  /** Engines keep no column of a batch. */
  let times = new Float64Array(0)
  return {
    name: 'store',
    flush(batch: FlushBatch): void {
      const { timestampMs } = batch
      // Together: a flush is stored as a whole or not at all.
      const { series, values } = withSketches(batch)
      if (times.length !== series.length) {
        release(times)
        times = new Float64Array(series.length)
      }
      engine.append({ kind: 'number', series, timesMs: times.fill(timestampMs), values }, 'flush')
      // Names come after points: a series that can be found can be read.
      for (const identity of series) catalog.touch(identity, timestampMs)
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

function withSketches({ series, values, sketches }: FlushBatch): Pick<FlushBatch, 'series' | 'values'> {
  if (sketches === undefined) return { series, values }
  const all = new Float64Array(values.length + sketches.values.length)
  all.set(values)
  all.set(sketches.values, values.length)
  return { series: [...series, ...sketches.series], values: all }
}
