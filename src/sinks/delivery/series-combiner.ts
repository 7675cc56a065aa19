import type { FlushBatch } from '../../model/flush-batch.ts'
import { saysTheSame, type SeriesIdentity } from '../../model/series-identity.ts'
import { createWeights, isRate } from './mean-weights.ts'

/** A series that has the name of another one, and cannot be combined with it. */
export interface Clash {
  readonly kept: SeriesIdentity
  readonly leftOut: SeriesIdentity
}

/**
 * How series that have come to one name are combined, for as long as they are the same:
 *
 *   outcomes   a   b   a   -   b        of each series of a batch: who it is to the sink (null: nobody)
 *   places     0   1   0  -1   1        in `series`
 *   series     a   b
 *
 * Counts, sums and rates add up, `min` and `max` are the lowest and highest, means are weighted by counts, and of gauges the last one counts. A
 * series that means something else than the first of its name is left out.
 */
export class SeriesCombiner {
  /** Each name once. */
  readonly series: readonly SeriesIdentity[]
  /** The first of those that are left out. */
  readonly clash: Clash | undefined
  readonly #places: Int32Array

  /** undefined: no two have one name. */
  static of(outcomes: readonly (SeriesIdentity | null)[]): SeriesCombiner | undefined {
    const keys = new Set<string>()
    let count = 0
    for (const outcome of outcomes) {
      if (outcome === null) continue
      keys.add(outcome.key)
      count += 1
    }
    return keys.size === count ? undefined : new SeriesCombiner(outcomes)
  }

  private constructor(outcomes: readonly (SeriesIdentity | null)[]) {
    const series: SeriesIdentity[] = []
    const placesByKey = new Map<string, number>()
    this.#places = new Int32Array(outcomes.length).fill(-1)
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome === null) continue
      let place = placesByKey.get(outcome.key)
      if (place === undefined) {
        place = series.push(outcome) - 1
        placesByKey.set(outcome.key, place)
      }
      const kept = series[place] as SeriesIdentity
      if (saysTheSame(kept, outcome)) this.#places[index] = place
      else this.clash ??= { kept, leftOut: outcome }
    }
    this.series = series
  }

  /** The values of `series`, of a batch with the series that it was made for. */
  combine(batch: Pick<FlushBatch, 'series' | 'values'>): Float64Array {
    const weightOf = createWeights(batch)
    const values = new Float64Array(this.series.length)
    const weights = new Float64Array(this.series.length)
    const isBegun = new Uint8Array(this.series.length)
    for (const [index, place] of this.#places.entries()) {
      if (place < 0) continue
      const { rollup, statistic } = this.series[place] as SeriesIdentity
      const value = batch.values[index] as number
      const before = values[place] as number
      const weight = weightOf(batch.series[index] as SeriesIdentity)
      weights[place] = (weights[place] as number) + weight
      // Of an idle timer, whose lowest and highest are 0.
      if (weight === 0 && (rollup === 'min' || rollup === 'max')) continue
      if (rollup === 'mean' && !isRate(statistic)) values[place] = before + value * weight
      else values[place] = isBegun[place] === 1 ? JOIN[rollup](before, value) : value
      isBegun[place] = 1
    }
    for (const [place, { rollup, statistic }] of this.series.entries()) {
      const weight = weights[place] as number
      if (rollup === 'mean' && !isRate(statistic) && weight > 0)
        values[place] = (values[place] as number) / weight
    }
    return values
  }
}

const add = (before: number, value: number): number => before + value
/** Of means only those that are rates come here. */
const JOIN: Readonly<Record<SeriesIdentity['rollup'], (before: number, value: number) => number>> = {
  sum: add,
  mean: add,
  min: Math.min,
  max: Math.max,
  last: (_before, value) => value,
}
