/**
 * Metrics as Prometheus has them: families of series that share a name, a type and a help text. What is exposed for a scrape, and
 * what is read from one.
 */
export interface MetricFamily {
  readonly name: string
  readonly type: MetricFamilyType
  /** '': none. */
  readonly help: string
  readonly series: Iterable<FamilySeries>
}

export const METRIC_FAMILY_TYPES = ['counter', 'gauge', 'summary', 'histogram', 'untyped'] as const
export type MetricFamilyType = (typeof METRIC_FAMILY_TYPES)[number]

/** `[name, value]`. Names are unique within a series. */
export type Label = readonly [name: string, value: string]

/** A series has what its family's type says, and nothing else. */
export interface FamilySeries {
  /** By name, in the order of their code units. */
  readonly labels: readonly Label[]
  /** The same as the text format writes them, between the braces: `code="200",path="/"`. */
  readonly labelsText: string
  /** Of counters, gauges and untyped series. */
  readonly value?: number
  readonly summary?: SummaryReading
  readonly histogram?: HistogramReading
}

export interface SummaryReading {
  readonly sum: number
  readonly count: number
  /** NaN: there was nothing of late. */
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[]
}

export interface HistogramReading {
  readonly sum: number
  readonly count: number
  /** Upper edges, ascending, without infinity. */
  readonly edges: readonly number[]
  /** What is in each bucket alone, infinity's last: one longer than `edges`. */
  readonly counts: ArrayLike<number>
  readonly native?: NativeHistogram | undefined
}

/**
 * Buckets that are exponential and sparse: bucket i has the values in (b^(i-1), b^i], where b = 2^(2^-schema); those of negative
 * values are the same, mirrored.
 */
export interface NativeHistogram {
  readonly schema: number
  /** Values no farther from 0 count in the bucket of zero. */
  readonly zeroThreshold: number
  readonly zeroCount: number
  /** By index. */
  readonly positive: ReadonlyMap<number, number>
  readonly negative: ReadonlyMap<number, number>
}

/** Labels as the text format writes them. Sorted by whoever calls, they are the identity of a series. */
export function formatLabels(labels: readonly Label[]): string {
  let text = ''
  for (const [name, value] of labels) text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(value)}"`
  return text
}

/** What `formatLabels` wrote. */
export function parseLabels(text: string): readonly Label[] {
  return Array.from(text.matchAll(/([^,={}"]+)="((?:[^"\\]|\\.)*)"/gs), ([, name = '', value = '']) => [
    name,
    value.includes('\\')
      ? value.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character))
      : value,
  ])
}

function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
    : value
}
