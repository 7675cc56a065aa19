import type { FlushBatch } from './flush-batch.ts'
import type { FlushDetails } from './flush-details.ts'
import type { IndexedPoints, PointBatch } from './point.ts'
import { copyOfIdentity, type SeriesIdentity } from './series-identity.ts'

/**
 * How batches cross from the keeper to the delivery thread: series travel as ids, and an identity crosses once,
 * with the first batch that uses it. When most ids have fallen out of use, both ends start over.
 */
export interface FlushMessage extends SeriesColumns {
  readonly timestampMs: number
  readonly intervalMs: number
  readonly values: Float64Array
  readonly metricCounts: FlushBatch['metricCounts']
  readonly details?: FlushDetails
}

export interface PointMessage extends SeriesColumns {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

interface SeriesColumns {
  readonly ids: Uint32Array
  /** Identities used for the first time; the first has the id `newFrom`, the others follow. */
  readonly newSeries: readonly SeriesIdentity[]
  /** 0: forget all ids known before. */
  readonly newFrom: number
}

/** Ids are given anew once there are this many times more of them than a flush uses. */
const WASTE_FACTOR = 8
const SMALLEST_RESTART = 100_000

export class SeriesSender {
  readonly #ids = new Map<SeriesIdentity, number>()
  #mostIds = SMALLEST_RESTART

  flush(batch: FlushBatch): FlushMessage {
    this.#mostIds = Math.max(SMALLEST_RESTART, batch.series.length * WASTE_FACTOR)
    const { series, sketches: _ofTheStore, ...rest } = batch
    return { ...this.#columns(series), ...rest }
  }

  points(batch: PointBatch | IndexedPoints): PointMessage {
    const { timesMs, values } = batch
    const columns = this.#columns(batch.series)
    const { ids } = columns
    if (batch.kind === 'number') return { ...columns, timesMs, values }
    return { ...columns, ids: batch.rows.map((row) => ids[row] as number), timesMs, values }
  }

  #columns(series: readonly SeriesIdentity[]): SeriesColumns {
    if (this.#ids.size > this.#mostIds) this.#ids.clear()
    const newFrom = this.#ids.size
    const newSeries: SeriesIdentity[] = []
    const ids = new Uint32Array(series.length)
    for (const [index, identity] of series.entries()) {
      let id = this.#ids.get(identity)
      if (id === undefined) {
        id = this.#ids.size
        this.#ids.set(identity, id)
        newSeries.push(copyOfIdentity(identity))
      }
      ids[index] = id
    }
    return { ids, newSeries, newFrom }
  }
}

export class SeriesReceiver {
  #known: SeriesIdentity[] = []

  flush(message: FlushMessage): FlushBatch {
    const { ids: _ids, newSeries: _newSeries, newFrom: _newFrom, ...rest } = message
    return { ...rest, series: this.#series(message) }
  }

  points(message: PointMessage): PointBatch {
    return { kind: 'number', series: this.#series(message), timesMs: message.timesMs, values: message.values }
  }

  #series({ ids, newSeries, newFrom }: SeriesColumns): SeriesIdentity[] {
    if (newFrom === 0 && newSeries.length > 0) this.#known = []
    for (const identity of newSeries) this.#known.push(identity)
    return Array.from(ids, (id) => {
      const identity = this.#known[id]
      if (identity === undefined) throw new Error(`BUG: series ${id} was never introduced`)
      return identity
    })
  }
}
