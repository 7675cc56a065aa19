/**
 * One data point of OTLP with all that stands around it on the wire. docs/formats/otlp.md says what becomes of it.
 *
 * Whole numbers are doubles: past 2^53 the last digits go.
 */
export interface OtlpPoint {
  /** Attributes of what is measured. Points of one resource that are written share the same list. */
  readonly resource: readonly OtlpAttribute[]
  readonly name: string
  /** As UCUM has it: `ms`, `By`; '': none. */
  readonly unit: string
  readonly attributes: readonly OtlpAttribute[]
  /** Of what is counted here; 0: not told, or nothing is. */
  readonly startMs: number
  readonly timeMs: number
  readonly data: OtlpData
}

/** Values that are no text are written as one; what is a list or a map in itself is left out where it is read. */
export type OtlpAttribute = readonly [key: string, value: string]

/** `delta`: since the point before. `cumulative`: since the start. */
export type Temporality = 'delta' | 'cumulative'

export type OtlpData =
  | { readonly kind: 'gauge'; readonly value: number }
  | {
      readonly kind: 'sum'
      readonly value: number
      readonly temporality: Temporality
      readonly isMonotonic: boolean
    }
  | OtlpHistogram
  | OtlpExponentialHistogram
  | OtlpSummary

interface Distribution {
  readonly temporality: Temporality
  readonly count: number
  /** undefined: not told. */
  readonly sum: number | undefined
  readonly min: number | undefined
  readonly max: number | undefined
}

export interface OtlpHistogram extends Distribution {
  readonly kind: 'histogram'
  /** Ascending: bucket i has the values above the bound before, up to and with its own; the last has those above all. */
  readonly bounds: readonly number[]
  /** One more than there are bounds; or none. */
  readonly bucketCounts: readonly number[]
}

/** Buckets as src/model/timer-sketch.ts describes them. */
export interface OtlpExponentialHistogram extends Distribution {
  readonly kind: 'exponential histogram'
  readonly scale: number
  readonly zeroCount: number
  readonly positive: OtlpBuckets
  readonly negative: OtlpBuckets
}

export interface OtlpBuckets {
  /** Bucket `offset + i` has `counts[i]`. */
  readonly offset: number
  readonly counts: readonly number[]
}

export interface OtlpSummary {
  readonly kind: 'summary'
  readonly count: number
  readonly sum: number
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

export const NO_BUCKETS: OtlpBuckets = { offset: 0, counts: [] }
