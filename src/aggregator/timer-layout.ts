import { statisticName, type Rollup, type SeriesIdentity, type Statistic } from '../model/series-identity.ts'
import type { SeriesKey } from '../model/series-key.ts'
import type { TimerStatistics } from './timer-statistics.ts'

/**
 * Which series a timer has, and in which order they are flushed: etsy's. That of the percentiles as they were asked for
 *
 *   count_90 mean_90 upper_90 sum_90 sum_squares_90 | count_top10 mean_top10 lower_top10 sum_top10 sum_squares_top10
 *
 * then `std upper lower count count_ps sum sum_squares mean median`, then the bins of the histogram. Idle: `count_ps count`.
 */
export interface TimerLayout {
  readonly percentiles: readonly number[]
  readonly upperEdges: readonly number[]
  readonly columns: readonly TimerColumn[]
  /** Places of the columns that are all a timer without samples flushes, as 0. */
  readonly idleColumns: readonly number[]
}

export interface TimerColumn {
  readonly meaning: SeriesMeaning
  /** undefined: the interval has no such value. */
  read(statistics: TimerStatistics, intervalSeconds: number): number | undefined
}

/** The part of an identity that says what the numbers are. */
export type SeriesMeaning = Pick<SeriesIdentity, 'statistic' | 'rollup' | 'percentile' | 'upperEdge'>

export interface TimerLayoutOptions {
  /** 90: of the lowest 90 % of a timer's values; -10: of the highest 10 %. */
  readonly percentiles: readonly number[]
  /** The first whose text is somewhere in the metric's key decides. */
  readonly histogram: readonly HistogramRule[]
  /** The only statistics wanted; empty: all of them. */
  readonly calculatedTimerMetrics: readonly string[]
}

export interface HistogramRule {
  readonly metric: string
  /** Upper edges of the bins, exclusive, ascending; Infinity takes the rest. Empty: no histogram. */
  readonly upperEdges: readonly number[]
}

/** Finds the layout of a timer by its key. There is one for each rule, shared by all timers that it applies to. */
export function createTimerLayouts(options: TimerLayoutOptions): (metricKey: SeriesKey) => TimerLayout {
  const plain = layOut(options, [])
  const layouts = options.histogram.map(({ metric, upperEdges }) => ({
    metric,
    layout: layOut(options, upperEdges),
  }))
  return (metricKey) => layouts.find(({ metric }) => metricKey.includes(metric))?.layout ?? plain
}

function layOut(options: TimerLayoutOptions, upperEdges: readonly number[]): TimerLayout {
  const { percentiles, calculatedTimerMetrics } = options
  const columns = [
    ...percentiles.flatMap(columnsOfPercentile),
    ...COLUMNS_OF_ALL_VALUES,
    ...upperEdges.map(columnOfBin),
  ].filter(({ meaning }) => isWanted(calculatedTimerMetrics, statisticName(meaning)))
  const idleColumns = [COUNT_PER_SECOND, COUNT].map((column) => columns.indexOf(column)).filter((i) => i >= 0)
  return { percentiles, upperEdges, columns, idleColumns }
}

/**
 * etsy's rule: the digits of a percentile stand for all percentiles, so that the list has `upper_percent`, never
 * `upper_90`. Of `upper_99_9` only the last digits do: that is `upper_99_percent`. All bins are `histogram`.
 */
function isWanted(calculatedTimerMetrics: readonly string[], name: string): boolean {
  if (calculatedTimerMetrics.length === 0) return true
  const cleaned = name.startsWith('histogram.') ? 'histogram' : name.replace(/_(top)?\d+$/, '_percent')
  return calculatedTimerMetrics.includes(cleaned)
}

/**
 * How a statistic merges into a coarser interval. Means, medians and deviations can only be averaged; the exact ones
 * of the coarser interval would need the values.
 */
const ROLLUPS = {
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

const COUNT = column('count', ({ count }) => count)
const COUNT_PER_SECOND = column('count_ps', ({ count }, intervalSeconds) => count / intervalSeconds)

const COLUMNS_OF_ALL_VALUES: readonly TimerColumn[] = [
  column('std', ({ std }) => std),
  column('upper', ({ upper }) => upper),
  column('lower', ({ lower }) => lower),
  COUNT,
  COUNT_PER_SECOND,
  column('sum', ({ sum }) => sum),
  column('sum_squares', ({ sumSquares }) => sumSquares),
  column('mean', ({ mean }) => mean),
  column('median', ({ median }) => median),
]

function columnsOfPercentile(percentile: number, index: number): TimerColumn[] {
  const boundary = percentile > 0 ? 'upper' : 'lower'
  return [
    column('count', ({ percentiles }) => percentiles[index]?.count, percentile),
    column('mean', ({ percentiles }) => percentiles[index]?.mean, percentile),
    column(boundary, ({ percentiles }) => percentiles[index]?.boundary, percentile),
    column('sum', ({ percentiles }) => percentiles[index]?.sum, percentile),
    column('sum_squares', ({ percentiles }) => percentiles[index]?.sumSquares, percentile),
  ]
}

function columnOfBin(upperEdge: number, index: number): TimerColumn {
  return { meaning: { statistic: 'bin', upperEdge, rollup: 'sum' }, read: ({ bins }) => bins[index] }
}

function column(
  statistic: keyof typeof ROLLUPS,
  read: TimerColumn['read'],
  percentile?: number,
): TimerColumn {
  const rollup = ROLLUPS[statistic]
  const meaning = percentile === undefined ? { statistic, rollup } : { statistic, percentile, rollup }
  return { meaning, read }
}
