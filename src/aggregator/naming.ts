import type { MetricType } from '../model/sample.ts'
import { statisticName, type Rollup, type SeriesIdentity, type Statistic } from '../model/series-identity.ts'
import { appendToName, type SeriesKey } from '../model/series-key.ts'

/**
 * What the series of a metric are called: the modern namespace of etsy's StatsD. Tags stay at the end.
 *
 *   stats.timers.api.upper_90;env=prod
 *   ^^^^^ ^^^^^^ ^^^ ^^^^^^^^ ^^^^^^^^
 *   global, by   name, statistic, tags
 *           type
 *
 * An empty component is left out together with its dot.
 */
export interface NamingOptions {
  readonly globalPrefix?: string
  readonly counterPrefix?: string
  readonly gaugePrefix?: string
  readonly timerPrefix?: string
  readonly setPrefix?: string
  /** Behind the statistic, in front of the tags. */
  readonly globalSuffix?: string
}

/** Makes identities. Whoever holds a metric asks once and keeps them: an identity is the same object ever after. */
export interface Naming {
  counter(metricKey: SeriesKey): CounterIdentities
  gauge(metricKey: SeriesKey): SeriesIdentity
  timer(metricKey: SeriesKey, percentiles: readonly number[]): TimerIdentities
  set(metricKey: SeriesKey): SeriesIdentity
}

export interface CounterIdentities {
  readonly count: SeriesIdentity
  readonly rate: SeriesIdentity
}

export interface TimerIdentities {
  readonly count: SeriesIdentity
  readonly countPerSecond: SeriesIdentity
  readonly lower: SeriesIdentity
  readonly upper: SeriesIdentity
  readonly mean: SeriesIdentity
  readonly median: SeriesIdentity
  readonly std: SeriesIdentity
  readonly sum: SeriesIdentity
  readonly sumSquares: SeriesIdentity
  /** In the order of the percentiles asked for. */
  readonly percentiles: readonly PercentileIdentities[]
}

export interface PercentileIdentities {
  readonly count: SeriesIdentity
  readonly mean: SeriesIdentity
  /** `upper_90`, or `lower_top10` of a negative percentile. */
  readonly boundary: SeriesIdentity
  readonly sum: SeriesIdentity
  readonly sumSquares: SeriesIdentity
}

/**
 * How a statistic merges into a coarser interval. Means, medians and deviations can only be averaged; the exact ones
 * of the coarser interval would need the values.
 */
const TIMER_ROLLUPS = {
  count: 'sum',
  count_ps: 'mean',
  lower: 'min',
  upper: 'max',
  mean: 'mean',
  median: 'mean',
  std: 'mean',
  sum: 'sum',
  sum_squares: 'sum',
} as const satisfies Partial<Record<Statistic, Rollup>>

/**
 * Distinct members do not add up: who came in two intervals is one. The largest count is sure to be reached in the
 * coarser interval; the sum may be far more than there ever were.
 */
const SET_ROLLUP: Rollup = 'max'

export function createNaming(options: NamingOptions = {}): Naming {
  const { globalPrefix = 'stats', globalSuffix = '' } = options
  const prefixes: Readonly<Record<MetricType, string>> = {
    counter: prefixOf(globalPrefix, options.counterPrefix ?? 'counters'),
    gauge: prefixOf(globalPrefix, options.gaugePrefix ?? 'gauges'),
    timer: prefixOf(globalPrefix, options.timerPrefix ?? 'timers'),
    set: prefixOf(globalPrefix, options.setPrefix ?? 'sets'),
  }
  const suffix = globalSuffix === '' ? '' : `.${globalSuffix}`

  function identity(metric: Metric, node: string, meaning: Meaning): SeriesIdentity {
    const key = appendToName(prefixes[metric.type] + metric.key, node + suffix)
    return { key, metricKey: metric.key, metricType: metric.type, ...meaning }
  }

  function timerIdentities(key: SeriesKey, percentiles: readonly number[]): TimerIdentities {
    const metric: Metric = { type: 'timer', key }
    const named = (statistic: keyof typeof TIMER_ROLLUPS, percentile?: number): SeriesIdentity => {
      const rollup = TIMER_ROLLUPS[statistic]
      if (percentile === undefined) return identity(metric, `.${statistic}`, { statistic, rollup })
      const node = `.${statisticName({ statistic, percentile })}`
      return identity(metric, node, { statistic, percentile, rollup })
    }
    return {
      count: named('count'),
      countPerSecond: named('count_ps'),
      lower: named('lower'),
      upper: named('upper'),
      mean: named('mean'),
      median: named('median'),
      std: named('std'),
      sum: named('sum'),
      sumSquares: named('sum_squares'),
      percentiles: percentiles.map((percentile) => ({
        count: named('count', percentile),
        mean: named('mean', percentile),
        boundary: named(percentile > 0 ? 'upper' : 'lower', percentile),
        sum: named('sum', percentile),
        sumSquares: named('sum_squares', percentile),
      })),
    }
  }

  return {
    counter: (key) => ({
      count: identity({ type: 'counter', key }, '.count', { statistic: 'count', rollup: 'sum' }),
      rate: identity({ type: 'counter', key }, '.rate', { statistic: 'rate', rollup: 'mean' }),
    }),
    gauge: (key) => identity({ type: 'gauge', key }, '', { statistic: 'value', rollup: 'last' }),
    timer: timerIdentities,
    set: (key) => identity({ type: 'set', key }, '.count', { statistic: 'count', rollup: SET_ROLLUP }),
  }
}

interface Metric {
  readonly type: MetricType
  readonly key: SeriesKey
}

type Meaning = Pick<SeriesIdentity, 'statistic' | 'rollup' | 'percentile'>

function prefixOf(...nodes: string[]): string {
  return nodes
    .filter((node) => node !== '')
    .map((node) => `${node}.`)
    .join('')
}
