import {
  type FamilySeries,
  type HistogramReading,
  type Label,
  type MetricFamilyType,
  parseLabels,
  type SummaryReading,
} from '../../model/metric-family.ts'
import type { HistogramOptions, MappedAs, SummaryOptions } from './mapping.ts'
import { NativeBuckets } from './native-buckets.ts'
import { SummaryWindow } from './summary-window.ts'

/** Values that came for one series, ascending, and how many times each came: a whole number. */
export interface Observations {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** What a series adds up, from when it first came until it is forgotten. */
export abstract class RegisteredSeries implements FamilySeries {
  readonly labelsText: string
  /** When it last brought something. */
  lastMs = 0
  ttlMs: number
  isForgotten = false

  constructor(labelsText: string, ttlMs: number) {
    this.labelsText = labelsText
    this.ttlMs = ttlMs
  }

  /** Made of the text, which is nearly always all that is asked for: a series is small. */
  get labels(): readonly Label[] {
    return parseLabels(this.labelsText)
  }
}

/** A counter or a gauge. */
export class NumberSeries extends RegisteredSeries {
  value = 0
}

export class SummarySeries extends RegisteredSeries {
  readonly #quantiles: SummaryOptions['quantiles']
  readonly #window: SummaryWindow
  readonly #nowMs: () => number
  #sum = 0
  #count = 0

  constructor(labelsText: string, { summary, ttlMs }: MappedAs, nowMs: () => number) {
    super(labelsText, ttlMs)
    this.#quantiles = summary.quantiles
    this.#window = new SummaryWindow(summary, nowMs())
    this.#nowMs = nowMs
  }

  observe({ values, weights }: Observations): void {
    this.#window.insert(values, weights, this.#nowMs())
    for (let index = 0; index < values.length; index++) {
      const weight = weights[index] ?? 1
      this.#sum += (values[index] ?? 0) * weight
      this.#count += weight
    }
  }

  get summary(): SummaryReading {
    const nowMs = this.#nowMs()
    return {
      sum: this.#sum,
      count: this.#count,
      quantiles: this.#quantiles.map(({ quantile }) => ({
        quantile,
        value: this.#window.quantile(quantile, nowMs),
      })),
    }
  }
}

export class HistogramSeries extends RegisteredSeries implements FamilySeries {
  readonly #edges: readonly number[]
  readonly #counts: Float64Array
  readonly #native: NativeBuckets | undefined
  #sum = 0
  #count = 0

  constructor(labelsText: string, { histogram, ttlMs }: MappedAs) {
    super(labelsText, ttlMs)
    this.#edges = finiteEdges(histogram)
    this.#counts = new Float64Array(this.#edges.length + 1)
    this.#native = histogram.nativeBucketFactor > 1 ? new NativeBuckets(histogram) : undefined
  }

  observe({ values, weights }: Observations): void {
    let bucket = 0
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0
      const weight = weights[index] ?? 1
      while (bucket < this.#edges.length && value > (this.#edges[bucket] ?? 0)) bucket += 1
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + weight
      this.#sum += value * weight
      this.#count += weight
      this.#native?.add(value, weight)
    }
  }

  get histogram(): HistogramReading {
    return {
      sum: this.#sum,
      count: this.#count,
      edges: this.#edges,
      counts: this.#counts,
      native: this.#native,
    }
  }
}

export type SeriesOf<Type extends RegisteredType> = Type extends 'summary'
  ? SummarySeries
  : Type extends 'histogram'
    ? HistogramSeries
    : NumberSeries

export type RegisteredType = Exclude<MetricFamilyType, 'untyped'>

/** Infinity has a bucket in any case. */
function finiteEdges({ buckets }: HistogramOptions): readonly number[] {
  return buckets.filter((edge) => Number.isFinite(edge))
}
