import type { TimerKind } from '../model/sample.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimerSketch } from '../model/timer-sketch.ts'
import type { DetailRows } from './detail-rows.ts'
import type { FlushRows } from './flush-rows.ts'
import type { PartialBuilder } from './partial-builder.ts'
import type { BucketWeights } from './sketch/bucket-weights.ts'
import { ExponentialSketch } from './sketch/exponential-sketch.ts'
import { computeSketchStatistics } from './sketch/sketch-statistics.ts'
import type { TimerLayout } from './timer-layout.ts'
import { computeTimerStatistics, type TimerStatistics, type TimerWeighting } from './timer-statistics.ts'
import { TimerValues } from './timer-values.ts'

export interface TimerOptions {
  readonly layout: TimerLayout
  readonly weighting: TimerWeighting
  /** That many values of an interval are kept as they are. When there are more, all of them go to a sketch. */
  readonly exactValues: number
}

/** A timer: every value of the interval, or a sketch of them. Idle, its counts are 0 and the rest is silent. */
export class TimerMetric {
  #layout: TimerLayout
  #weighting: TimerWeighting
  #exactValues: number
  /** The first values. Kept beside the sketch, to be looked at, and because the next interval will need the room. */
  readonly #values = new TimerValues()
  /** Has every value, those in `#values` included. */
  #sketch: ExponentialSketch | undefined

  constructor(options: TimerOptions) {
    this.#layout = options.layout
    this.#weighting = options.weighting
    this.#exactValues = options.exactValues
  }

  /** Which series it has. */
  get layout(): TimerLayout {
    return this.#layout
  }

  /** Says other things of the same values. */
  reform(options: TimerOptions): void {
    this.#layout = options.layout
    this.#weighting = options.weighting
    this.#exactValues = options.exactValues
  }

  add(value: number, weight: number): void {
    if (this.#sketch !== undefined) this.#sketch.add(value, weight)
    else if (this.#values.count < this.#exactValues) this.#values.add(value, weight)
    else this.#toSketch().add(value, weight)
  }

  /** One weight for each value, or undefined: each is 1. Copied. */
  addAll(values: Float64Array, weights: Float64Array | undefined): void {
    const isExact = this.#sketch === undefined && this.#values.count + values.length <= this.#exactValues
    if (isExact) this.#values.addAll(values, weights)
    else this.#toSketch().addAll(values, weights)
  }

  /** Adds the values of a sketch, of which single ones are not known any more. */
  mergeSketch(sketch: TimerSketch): void {
    this.#toSketch().merge(sketch)
  }

  /**
   * The first values of the open interval, at most that many, and how many there are. Values that came as a sketch alone
   * can't be shown, and are not counted then.
   */
  openValues(mostValues: number): { readonly values: readonly number[]; readonly valueCount: number } {
    const values = Array.from(this.#values.values.subarray(0, mostValues))
    return { values, valueCount: values.length === 0 ? 0 : (this.#sketch?.valueCount ?? this.#values.count) }
  }

  /** Tells how its values lie in buckets. Changes nothing. */
  weigh(buckets: BucketWeights): void {
    if (this.#sketch !== undefined) return buckets.addSketch(this.#sketch.state())
    if (this.#values.count === 0) return
    const { values, weights } = this.#values
    buckets.addValues(values, this.#weighting === 'all' ? weights : undefined)
  }

  /** Puts out what its values were, if it has any. Changes nothing. */
  tell(metricKey: SeriesKey, kind: TimerKind, details: DetailRows): void {
    if (this.#sketch !== undefined) details.timerSketch(metricKey, kind, this.#sketch.state())
    else if (this.#values.count > 0) details.timer(metricKey, kind, this.#values)
  }

  /** Puts out a row for each column that has a value, and begins the next interval. */
  flush(slot: number, rows: FlushRows): void {
    const { columns, idleColumns } = this.#layout
    const statistics = this.#statistics()
    if (statistics === undefined) {
      for (const i of idleColumns) rows.push(slot, i, 0)
    } else {
      for (const [i, column] of columns.entries()) {
        const value = column.read(statistics, rows.intervalSeconds)
        if (value !== undefined) rows.push(slot, i, value)
      }
    }
    this.#values.clear()
    this.#sketch = undefined
  }

  save(id: number, builder: PartialBuilder): void {
    if (this.#sketch !== undefined) builder.timerSketch(id, this.#sketch.state())
    else if (this.#values.count > 0) builder.timer(id, this.#values.values, this.#values.weights)
  }

  #toSketch(): ExponentialSketch {
    if (this.#sketch !== undefined) return this.#sketch
    this.#sketch = new ExponentialSketch(this.#weighting === 'all')
    const { values, isUnweighted } = this.#values
    this.#sketch.addAll(values, isUnweighted ? undefined : this.#values.weights)
    return this.#sketch
  }

  /** undefined: the interval has no value. */
  #statistics(): TimerStatistics | undefined {
    const { percentiles, upperEdges } = this.#layout
    if (this.#sketch !== undefined) return computeSketchStatistics(this.#sketch, { percentiles, upperEdges })
    if (this.#values.count === 0) return undefined
    const { values, weights } = this.#values
    return computeTimerStatistics(values, weights, { percentiles, upperEdges, weighting: this.#weighting })
  }
}
