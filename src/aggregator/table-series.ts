import { copyOfIdentity, type SeriesIdentity } from '../model/series-identity.ts'

/** Knows whose a series is, as long as its slot is its metric's. */
export interface SeriesNames {
  seriesOf(slot: number, column: number): SeriesIdentity
}

/**
 * A series of a metric in a table: the same object from flush to flush, which says only where the metric is. Names are made when
 * somebody asks: the store does when a series is new to it, and hundreds of bytes for each series would be held ever after.
 */
export class TableSeries implements SeriesIdentity {
  #names: SeriesNames
  readonly #slot: number
  readonly #column: number

  constructor(names: SeriesNames, slot: number, column: number) {
    this.#names = names
    this.#slot = slot
    this.#column = column
  }

  get key() {
    return this.#identity.key
  }

  get metricKey() {
    return this.#identity.metricKey
  }

  get metricType() {
    return this.#identity.metricType
  }

  get statistic() {
    return this.#identity.statistic
  }

  get percentile() {
    return this.#identity.percentile
  }

  get upperEdge() {
    return this.#identity.upperEdge
  }

  get rollup() {
    return this.#identity.rollup
  }

  /** The slot may be another metric's from now on, or the series be called otherwise: whoever still has this one has it as it was. */
  keep(): void {
    const identity = copyOfIdentity(this)
    this.#names = { seriesOf: () => identity }
  }

  get #identity(): SeriesIdentity {
    return this.#names.seriesOf(this.#slot, this.#column)
  }
}
