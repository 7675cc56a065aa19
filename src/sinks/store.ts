import type { Clock } from '../lib/clock.ts'
import { SliceQueue } from '../lib/slice-queue.ts'
import type { FlushBatch } from '../model/flush-batch.ts'
import type { IndexedPoints } from '../model/point.ts'
import type { SeriesIdentity } from '../model/series-identity.ts'
import type { Catalog } from '../store/catalog.ts'
import type { Engine } from '../store/engine.ts'

/** Where what flows by is kept. It is called one at a time, in order, and throws why nothing of a batch is stored. */
export interface StoreSink {
  flush(batch: FlushBatch): Promise<void>
  points(batch: IndexedPoints): void
}

export interface StoreSinkOptions {
  /** Both are whose who opened the store. */
  readonly engine: Pick<Engine, 'append' | 'appendFlush' | 'introduce'>
  readonly catalog: Pick<Catalog, 'touch' | 'touchAll'>
  readonly clock: Clock
}

/**
 * Points first, names second: a series that can be found can be read. What a flush brings that is new takes long, and is taken in
 * slices, between which its thread can close the next interval.
 */
export function createStoreSink({ engine, catalog, clock }: StoreSinkOptions): StoreSink {
  const work = new SliceQueue(() => clock.monotonicMs())
  const seen = new SeenTimes()
  return {
    async flush(batch) {
      const { timestampMs } = batch
      // Together: a flush is stored as a whole or not at all.
      const { series, values } = withSketches(batch)
      await work.run(engine.introduce(series))
      engine.appendFlush({ timeMs: timestampMs, series, values })
      await work.run(catalog.touchAll(series, timestampMs))
    },
    points(batch) {
      engine.append(batch)
      seen.touch(catalog, batch)
    },
  }
}

/** Of each series of a batch, the oldest and the newest point. */
class SeenTimes {
  #oldestMs = new Float64Array(0)
  #newestMs = new Float64Array(0)

  touch(catalog: Pick<Catalog, 'touch'>, { series, rows, timesMs }: IndexedPoints): void {
    if (series.length > this.#oldestMs.length) {
      this.#oldestMs = new Float64Array(series.length * 2)
      this.#newestMs = new Float64Array(series.length * 2)
    }
    const oldestMs = this.#oldestMs.fill(Number.POSITIVE_INFINITY, 0, series.length)
    const newestMs = this.#newestMs.fill(Number.NEGATIVE_INFINITY, 0, series.length)
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as number
      const timeMs = timesMs[index] as number
      if (timeMs < (oldestMs[row] as number)) oldestMs[row] = timeMs
      if (timeMs > (newestMs[row] as number)) newestMs[row] = timeMs
    }
    for (let row = 0; row < series.length; row++) {
      const firstMs = oldestMs[row] as number
      if (firstMs < Number.POSITIVE_INFINITY)
        catalog.touch(series[row] as SeriesIdentity, firstMs, newestMs[row])
    }
  }
}

function withSketches({ series, values, sketches }: FlushBatch): Pick<FlushBatch, 'series' | 'values'> {
  if (sketches === undefined) return { series, values }
  const all = new Float64Array(values.length + sketches.values.length)
  all.set(values)
  all.set(sketches.values, values.length)
  return { series: [...series, ...sketches.series], values: all }
}
