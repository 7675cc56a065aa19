import type { FlushBatch } from '../../model/flush-batch.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { countMetrics } from './count-metrics.ts'
import { createWeights, isRate, type WeightOf } from './mean-weights.ts'
import { DetailsMerger } from './merge-details.ts'

/**
 * Makes one flush of several, for a sink that wants fewer of them: as if the flush interval had been that much longer.
 *
 *   :10 :20 :30 :40 :50 :00  ->  :00      every 6 of 10 s
 *
 * Ends are multiples of the longer interval, so they fall on the same times whenever it began. Each series merges as its
 * `rollup` says. A mean is weighted by the count of its metric in the same flush, of its own percentile if it has one. Rates are
 * means over the whole interval: a flush without the series counts as 0.
 */
export class FlushMerger {
  readonly #every: number
  readonly #emit: (batch: FlushBatch) => void
  #span: Span | undefined

  /** `emit` is called from within `take` and `end`. */
  constructor(every: number, emit: (batch: FlushBatch) => void) {
    this.#every = every
    this.#emit = emit
  }

  take(batch: FlushBatch): void {
    const spanMs = batch.intervalMs * this.#every
    const endMs = Math.ceil(batch.timestampMs / spanMs) * spanMs
    // After a pause, or a change of the interval, the rest of the span never comes.
    if (this.#span !== undefined && this.#span.endMs !== endMs) this.end()
    this.#span ??= new Span(endMs)
    this.#span.add(batch)
    if (batch.timestampMs === endMs) this.end()
  }

  /** Emits what there is of the span under way. */
  end(): void {
    const batch = this.#span?.finish()
    this.#span = undefined
    if (batch !== undefined) this.#emit(batch)
  }
}

class Span {
  readonly endMs: number
  #batchCount = 0
  #last: FlushBatch | undefined
  #details: DetailsMerger | undefined
  readonly #series: SeriesIdentity[] = []
  readonly #places = new Map<SeriesIdentity, number>()
  /** By place: what has been made of the values so far. Of means: the sum of value x weight. */
  readonly #values: number[] = []
  /** By place; means only. */
  readonly #weights: number[] = []

  constructor(endMs: number) {
    this.endMs = endMs
  }

  add(batch: FlushBatch): void {
    const weightOf = createWeights(batch)
    this.#batchCount += 1
    this.#last = batch
    if (batch.details !== undefined) {
      this.#details ??= new DetailsMerger()
      this.#details.add(batch.details)
    }
    let expected = 0
    for (let index = 0; index < batch.series.length; index++) {
      const identity = batch.series[index] as SeriesIdentity
      const value = batch.values[index] as number
      // Series come in nearly the same order every time.
      let place = this.#series[expected] === identity ? expected : (this.#places.get(identity) ?? -1)
      if (place < 0) place = this.#begin(identity)
      expected = place + 1
      this.#merge(place, identity, value, weightOf)
    }
  }

  finish(): FlushBatch | undefined {
    const last = this.#last
    if (last === undefined) return undefined
    const values = Float64Array.from(this.#values)
    for (const [place, { rollup, statistic }] of this.#series.entries()) {
      if (rollup !== 'mean') continue
      const weight = isRate(statistic) ? this.#batchCount : (this.#weights[place] as number)
      // Of idle timers: nothing came, and their means are 0.
      if (weight > 0) values[place] = (values[place] as number) / weight
    }
    const { details: _ofTheLast, ...rest } = last
    return {
      ...rest,
      ...(this.#details === undefined ? {} : { details: this.#details.finish() }),
      intervalMs: last.intervalMs * this.#batchCount,
      series: this.#series,
      values,
      metricCounts: countMetrics(this.#series),
    }
  }

  #begin(identity: SeriesIdentity): number {
    const place = this.#series.length
    this.#series.push(identity)
    this.#places.set(identity, place)
    this.#values.push(FIRST[identity.rollup])
    this.#weights.push(0)
    return place
  }

  #merge(place: number, { rollup, statistic }: SeriesIdentity, value: number, weightOf: WeightOf): void {
    const before = this.#values[place] as number
    switch (rollup) {
      case 'sum':
        this.#values[place] = before + value
        return
      case 'min':
        this.#values[place] = Math.min(before, value)
        return
      case 'max':
        this.#values[place] = Math.max(before, value)
        return
      case 'last':
        this.#values[place] = value
        return
      case 'mean': {
        const weight = isRate(statistic) ? 1 : weightOf(this.#series[place] as SeriesIdentity)
        this.#values[place] = before + value * weight
        this.#weights[place] = (this.#weights[place] as number) + weight
      }
    }
  }
}

const FIRST = { sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, last: 0, mean: 0 }
