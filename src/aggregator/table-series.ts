import { copyOfIdentity, type SeriesIdentity } from '../model/series-identity.ts'

/** Knows what the series of one statistic are called, each as long as its slot is its metric's. */
export interface SeriesNames {
  seriesOf(slot: number): SeriesIdentity
}

/**
 * A series of a metric in a table: the same object from flush to flush, which says only where the metric is. Names are made when
 * somebody asks: the store does when a series is new to it, and hundreds of bytes for each series would be held ever after. There are as
 * many of these as series, so they have no more fields than it takes.
 */
export class TableSeries implements SeriesIdentity {
  #names: SeriesNames
  readonly #slot: number

  constructor(names: SeriesNames, slot: number) {
    this.#names = names
    this.#slot = slot
  }

  get key() {
    return this.#names.seriesOf(this.#slot).key
  }

  get metricKey() {
    return this.#names.seriesOf(this.#slot).metricKey
  }

  get metricType() {
    return this.#names.seriesOf(this.#slot).metricType
  }

  get statistic() {
    return this.#names.seriesOf(this.#slot).statistic
  }

  get percentile() {
    return this.#names.seriesOf(this.#slot).percentile
  }

  get upperEdge() {
    return this.#names.seriesOf(this.#slot).upperEdge
  }

  get rollup() {
    return this.#names.seriesOf(this.#slot).rollup
  }

  /** The slot may be another metric's from now on, or the series be called otherwise: whoever still has this one has it as it was. */
  keep(): void {
    const identity = copyOfIdentity(this)
    this.#names = { seriesOf: () => identity }
  }
}
