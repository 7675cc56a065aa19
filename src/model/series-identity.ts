import type { MetricType } from './sample.ts'
import type { SeriesKey } from './series-key.ts'

/** What one series of a metric says. A percentile statistic carries its percentile beside it, a bin its upper edge; a bucket of a sketch is told by its key. */
export type Statistic =
  | 'count'
  | 'rate'
  | 'value'
  | 'count_ps'
  | 'lower'
  | 'upper'
  | 'mean'
  | 'median'
  | 'std'
  | 'sum'
  | 'sum_squares'
  | 'bin'
  | 'bucket'

/** How the values of a series merge into a coarser interval. */
export type Rollup = 'sum' | 'min' | 'max' | 'mean' | 'last'

/**
 * Who a stored series is. Made once, when the series first appears, and the same object ever after, so that
 * sinks can keep what they derive from it (a formatted name, an id) in a WeakMap or by its key.
 */
export interface SeriesIdentity {
  /** Key of the stored series: `stats.timers.api.upper_90;env=prod`. Unique. */
  readonly key: SeriesKey
  /** Key of the metric as it was sent: `api;env=prod`. */
  readonly metricKey: SeriesKey
  /** `untyped`: a point of Graphite's plaintext, which does not say what it is. */
  readonly metricType: MetricType | 'untyped'
  readonly statistic: Statistic
  /** Only for percentile statistics: 90 for `upper_90`, -10 for `lower_top10`. */
  readonly percentile?: number | undefined
  /** Only for a bin of a timer's histogram: values below it count there, those of the bins before do not. Infinity has no bound. */
  readonly upperEdge?: number | undefined
  readonly rollup: Rollup
}

/** With nothing but what it says: to be sent to another thread, or kept whatever becomes of the other. */
export function copyOfIdentity(identity: SeriesIdentity): SeriesIdentity {
  const { key, metricKey, metricType, statistic, percentile, upperEdge, rollup } = identity
  return {
    key,
    metricKey,
    metricType,
    statistic,
    ...(percentile !== undefined && { percentile }),
    ...(upperEdge !== undefined && { upperEdge }),
    rollup,
  }
}

export function isSameIdentity(a: SeriesIdentity, b: SeriesIdentity): boolean {
  return a === b || (a.key === b.key && a.metricKey === b.metricKey && saysTheSame(a, b))
}

/** Whatever their names: they say the same, of metrics of one type. */
export function saysTheSame(a: SeriesIdentity, b: SeriesIdentity): boolean {
  return (
    a.metricType === b.metricType &&
    a.statistic === b.statistic &&
    a.percentile === b.percentile &&
    a.upperEdge === b.upperEdge &&
    a.rollup === b.rollup
  )
}

/** A statistic as the end of its series' name has it: `upper_90`, `upper_99_9`, `lower_top10`, `histogram.bin_0_01`. */
export function statisticName({
  statistic,
  percentile,
  upperEdge,
}: Pick<SeriesIdentity, 'statistic' | 'percentile' | 'upperEdge'>): string {
  if (upperEdge !== undefined) return `histogram.bin_${nodeOfNumber(upperEdge)}`
  if (percentile === undefined) return statistic
  return `${statistic}_${nodeOfNumber(percentile).replace('-', 'top')}`
}

function nodeOfNumber(number: number): string {
  return number === Number.POSITIVE_INFINITY ? 'inf' : String(number).replace('.', '_')
}
