import type { SeriesKey } from '../model/series-key.ts'
import type { IdPool } from './id-pool.ts'

/** What a shard holds of one metric. */
export interface ShardSeries {
  readonly id: number
  readonly key: SeriesKey
  /** Number of the interval in which it last had a sample. */
  usedIn: number
  /** Number of the keeper that has been told its name. */
  toldTo: number
}

export interface CounterSeries extends ShardSeries {
  sum: number
}

export interface GaugeSeries extends ShardSeries {
  absolute: number
  absoluteTimeMs: number
  delta: number
}

export interface TimerSeries extends ShardSeries {
  values: number[]
  weights: number[]
}

export interface SetSeries extends ShardSeries {
  members: Set<string>
}

/** All metrics of one type in a shard: found by key, and listed if they have a sample in this interval. */
export class ShardSeriesTable<S extends ShardSeries> {
  /** Those with a sample in this interval, in the order of their first. */
  used: S[] = []
  readonly #byKey = new Map<SeriesKey, S>()
  readonly #ids: IdPool
  readonly #create: (id: number, key: SeriesKey) => S
  readonly #clear: (series: S) => void

  constructor(ids: IdPool, create: (id: number, key: SeriesKey) => S, clear: (series: S) => void) {
    this.#ids = ids
    this.#create = create
    this.#clear = clear
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The series to add a sample to. */
  use(key: SeriesKey, intervalNumber: number): S {
    let series = this.#byKey.get(key)
    if (series === undefined) {
      series = this.#create(this.#ids.take(), key)
      this.#byKey.set(key, series)
    }
    if (series.usedIn !== intervalNumber) {
      series.usedIn = intervalNumber
      this.used.push(series)
    }
    return series
  }

  /** After a seal: the values are gone, the series stay known. */
  clear(): void {
    for (const series of this.used) this.#clear(series)
    this.used = []
  }

  /** Forgets series that had no sample since that interval, and gives their ids back. */
  forgetUnusedSince(intervalNumber: number): void {
    for (const series of this.#byKey.values()) {
      if (series.usedIn >= intervalNumber) continue
      this.#byKey.delete(series.key)
      this.#ids.giveBack(series.id)
    }
  }
}
