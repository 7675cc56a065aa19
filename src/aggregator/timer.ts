import type { SeriesKey } from '../model/series-key.ts'
import type { FlushRows, Metric } from './metric.ts'
import type { TimerIdentities } from './naming.ts'
import { concatenate, type PartialBuilder } from './partial-builder.ts'
import { computeTimerStatistics, type TimerStatisticsOptions } from './timer-statistics.ts'

/** A timer: every value of the interval. Idle, its counts are 0 and the rest is silent. */
export class TimerMetric implements Metric {
  readonly key: SeriesKey
  isUpdated = false
  lastUpdateMs = 0
  readonly #identities: TimerIdentities
  readonly #options: TimerStatisticsOptions
  #values: Float64Array[] = []
  #weights: Float64Array[] = []
  #valueCount = 0

  constructor(key: SeriesKey, identities: TimerIdentities, options: TimerStatisticsOptions) {
    this.key = key
    this.#identities = identities
    this.#options = options
  }

  /** The arrays are kept, not copied, and equally long. */
  merge(values: Float64Array, weights: Float64Array): void {
    this.#values.push(values)
    this.#weights.push(weights)
    this.#valueCount += values.length
  }

  flush(rows: FlushRows): void {
    const identities = this.#identities
    if (this.#valueCount === 0) {
      rows.push(identities.count, 0)
      rows.push(identities.countPerSecond, 0)
      return
    }
    const statistics = computeTimerStatistics(this.#allValues(), this.#allWeights(), this.#options)
    rows.push(identities.count, statistics.count)
    rows.push(identities.countPerSecond, statistics.count / rows.intervalSeconds)
    rows.push(identities.lower, statistics.lower)
    rows.push(identities.upper, statistics.upper)
    rows.push(identities.mean, statistics.mean)
    rows.push(identities.median, statistics.median)
    rows.push(identities.std, statistics.std)
    rows.push(identities.sum, statistics.sum)
    rows.push(identities.sumSquares, statistics.sumSquares)
    for (const [index, percentile] of statistics.percentiles.entries()) {
      const named = identities.percentiles[index]
      if (percentile === undefined || named === undefined) continue
      rows.push(named.count, percentile.count)
      rows.push(named.mean, percentile.mean)
      rows.push(named.boundary, percentile.boundary)
      rows.push(named.sum, percentile.sum)
      rows.push(named.sumSquares, percentile.sumSquares)
    }
    this.#values = []
    this.#weights = []
    this.#valueCount = 0
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.isUpdated) builder.timer(id, this.#allValues(), this.#allWeights())
  }

  #allValues(): Float64Array {
    return concatenate(this.#values, this.#valueCount)
  }

  #allWeights(): Float64Array {
    return concatenate(this.#weights, this.#valueCount)
  }
}
