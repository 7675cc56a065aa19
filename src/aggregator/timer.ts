import type { SeriesIdentity } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'
import { concatenate, type PartialBuilder } from './partial-builder.ts'
import type { TimerLayout } from './timer-layout.ts'
import { computeTimerStatistics, type TimerWeighting } from './timer-statistics.ts'

export interface TimerOptions {
  readonly layout: TimerLayout
  /** One for each column of the layout. */
  readonly identities: readonly SeriesIdentity[]
  readonly weighting: TimerWeighting
}

/** A timer: every value of the interval. Idle, its counts are 0 and the rest is silent. */
export class TimerMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  #layout: TimerLayout
  #identities: readonly SeriesIdentity[]
  #weighting: TimerWeighting
  #values: Float64Array[] = []
  #weights: Float64Array[] = []
  #valueCount = 0

  constructor(key: SeriesKey, options: TimerOptions) {
    this.key = key
    this.#layout = options.layout
    this.#identities = options.identities
    this.#weighting = options.weighting
  }

  /** Says other things, or under other names, of the same values. */
  relayout(options: TimerOptions): void {
    this.#layout = options.layout
    this.#identities = options.identities
    this.#weighting = options.weighting
  }

  /** The arrays are kept, not copied, and equally long. */
  merge(values: Float64Array, weights: Float64Array): void {
    this.#values.push(values)
    this.#weights.push(weights)
    this.#valueCount += values.length
  }

  /** The first values of the open interval, at most that many, and how many there are. */
  openValues(mostValues: number): { readonly values: readonly number[]; readonly valueCount: number } {
    const values: number[] = []
    for (const part of this.#values) {
      if (values.length >= mostValues) break
      values.push(...part.subarray(0, mostValues - values.length))
    }
    return { values, valueCount: this.#valueCount }
  }

  flush(rows: FlushRows): void {
    if (this.#valueCount === 0) {
      for (const i of this.#layout.idleColumns) rows.push(this.#identityOf(i), 0)
      return
    }
    const { columns, percentiles, upperEdges } = this.#layout
    const statistics = computeTimerStatistics(this.#allValues(), this.#allWeights(), {
      percentiles,
      upperEdges,
      weighting: this.#weighting,
    })
    for (const [i, column] of columns.entries()) {
      const value = column.read(statistics, rows.intervalSeconds)
      if (value !== undefined) rows.push(this.#identityOf(i), value)
    }
    this.#values = []
    this.#weights = []
    this.#valueCount = 0
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.isUpdated) builder.timer(id, this.#allValues(), this.#allWeights())
  }

  #identityOf(column: number): SeriesIdentity {
    const identity = this.#identities[column]
    if (identity === undefined) throw new Error(`BUG: timer ${this.key} has no series ${column}`)
    return identity
  }

  #allValues(): Float64Array {
    return concatenate(this.#values, this.#valueCount)
  }

  #allWeights(): Float64Array {
    return concatenate(this.#weights, this.#valueCount)
  }
}
