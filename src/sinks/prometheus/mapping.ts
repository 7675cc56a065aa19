/**
 * What a mapping file of statsd_exporter says, checked and complete: which metrics become which of Prometheus'. Plain data,
 * which goes from thread to thread; mapper.ts is what is made of it.
 */
export interface Mapping {
  /** For what no rule is about. */
  readonly defaults: MappedAs
  /** Of the globs that match, the one that says most counts, and not the first in the file. */
  readonly isGlobOrderOff: boolean
  readonly rules: readonly MappingRule[]
}

export interface MappingRule extends MappedAs {
  readonly match: string
  readonly matchType: 'glob' | 'regex'
  /** Only for metrics of this type. */
  readonly metricType: MappedType | undefined
  /** With `$1` or `${1}` for what the wildcards, or groups, took. Label values likewise. */
  readonly name: string
  readonly labels: readonly (readonly [key: string, template: string])[]
  /** A tag that came with the metric wins over a label of this rule. */
  readonly honorsLabels: boolean
  readonly isDrop: boolean
  readonly help: string | undefined
  /** Values are multiplied by it. */
  readonly scale: number | undefined
}

/** How values are kept. */
export interface MappedAs {
  readonly observerType: 'summary' | 'histogram'
  readonly summary: SummaryOptions
  readonly histogram: HistogramOptions
  /** A series that brought nothing for so long is forgotten; 0: never. */
  readonly ttlMs: number
}

export interface SummaryOptions {
  readonly quantiles: readonly { readonly quantile: number; readonly error: number }[]
  /** How far back quantiles reach, and in how many steps the window moves. */
  readonly maxAgeMs: number
  readonly ageBuckets: number
  /** As it was given; nothing here needs it. 0: not given. */
  readonly bufferCapacity: number
}

export interface HistogramOptions {
  /** Upper edges, ascending, without infinity. */
  readonly buckets: readonly number[]
  /** A native bucket's upper edge is at most so many times its lower one. 1 and less: no native buckets. */
  readonly nativeBucketFactor: number
  readonly nativeMaxBuckets: number
}

export const MAPPED_TYPES = ['counter', 'gauge', 'observer'] as const

/** What statsd_exporter calls the types of metrics: timers, histograms and distributions are observers. */
export type MappedType = (typeof MAPPED_TYPES)[number]

export const DEFAULT_MAPPED_AS: MappedAs = {
  observerType: 'summary',
  summary: {
    quantiles: [
      { quantile: 0.5, error: 0.05 },
      { quantile: 0.9, error: 0.01 },
      { quantile: 0.99, error: 0.001 },
    ],
    maxAgeMs: 600_000,
    ageBuckets: 5,
    bufferCapacity: 0,
  },
  histogram: {
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    nativeBucketFactor: 1.1,
    nativeMaxBuckets: 256,
  },
  ttlMs: 0,
}

/** Without a mapping file: every metric under its own name. */
export const NO_MAPPING: Mapping = { defaults: DEFAULT_MAPPED_AS, isGlobOrderOff: false, rules: [] }
