import type { MetricEntry, SeriesEntry } from '../api.ts'
import { extremeKey } from '../extremes.ts'
import type { Unit } from '../format.ts'
import { readSeriesName } from '../series-name.ts'

/**
 * Which series of a metric are drawn, and how: the picture that suits the metric's type. A metric may lack any of
 * its series; what is missing is left out.
 */
export interface ChartPlan {
  readonly shape: 'bars' | 'line' | 'steps'
  /** Drawn, the most important first. Empty: there is nothing to draw. */
  readonly lines: readonly PlannedLine[]
  /** The range behind the lines. */
  readonly band: Band | null
  /** The series that says how many samples a timer had. */
  readonly countKey: string | null
  readonly unit: Unit
  /** Bars and counts stand on zero; a line may float. */
  readonly isZeroBased: boolean
  /** More points than this are merged. */
  readonly maxPoints: number
}

/** Columns of a chart's data. */
export interface Band {
  readonly lowerKey: string
  readonly upperKey: string
  /** They are the lows and highs of this series (extremes.ts); undefined: both are series themselves. */
  readonly ofKey?: string
}

export interface PlannedLine {
  readonly key: string
  readonly label: string
  readonly style: 'main' | 'dashed' | 'thin'
  readonly merge: Merge
}

/** How the points of a series become one where there are more than can be drawn. */
export type Merge = 'sum' | 'min' | 'max' | 'mean' | 'last'

const BAR_POINTS = 90
const LINE_POINTS = 300

export function planChart(metric: MetricEntry): ChartPlan {
  const base = {
    band: null,
    countKey: null,
    unit: 'none',
    isZeroBased: true,
    maxPoints: LINE_POINTS,
  } as const
  switch (metric.type) {
    case 'counter': {
      const series = findStatistic(metric, 'count')
      return { ...base, shape: 'bars', lines: lineOf(series, 'count', 'sum'), maxPoints: BAR_POINTS }
    }
    case 'gauge':
      return {
        ...base,
        shape: 'line',
        lines: lineOf(findValue(metric), 'value', 'last'),
        band: bandOf(findValue(metric)),
        isZeroBased: false,
        unit: unitOf(metric),
      }
    case 'set': {
      const series = findStatistic(metric, 'count') ?? findValue(metric)
      return { ...base, shape: 'steps', lines: lineOf(series, 'unique', 'max') }
    }
    case 'timer':
      return { ...base, ...planTimer(metric) }
    case 'untyped':
      return {
        ...base,
        shape: 'line',
        lines: lineOf(findValue(metric), 'value', 'mean'),
        band: bandOf(findValue(metric)),
        isZeroBased: false,
        unit: unitOf(metric),
      }
  }
}

/**
 * What the data of a chart has: from which series each column is made, and how its points are merged. Without `hasExtremes` the lows and highs of a
 * series are those of its points that are drawn as one.
 */
export function columnsOf(
  plan: ChartPlan,
  hasExtremes: boolean,
): Map<string, { readonly series: string; readonly merge: Merge }> {
  const columns = new Map(plan.lines.map(({ key, merge }) => [key, { series: key, merge }]))
  if (plan.band !== null) {
    const { lowerKey, upperKey, ofKey } = plan.band
    columns.set(lowerKey, { series: hasExtremes ? lowerKey : (ofKey ?? lowerKey), merge: 'min' })
    columns.set(upperKey, { series: hasExtremes ? upperKey : (ofKey ?? upperKey), merge: 'max' })
  }
  if (plan.countKey !== null) columns.set(plan.countKey, { series: plan.countKey, merge: 'sum' })
  return columns
}

/** All series a card needs to be drawn. */
export function seriesOf(plan: ChartPlan): string[] {
  return [...new Set([...columnsOf(plan, false).values()].map(({ series }) => series))]
}

/** Lows and highs that may be other than those of the points, where these are rolled up. */
export function extremesOf({ band }: ChartPlan): string[] {
  return band?.ofKey === undefined ? [] : [band.lowerKey, band.upperKey]
}

function planTimer(metric: MetricEntry): Pick<ChartPlan, 'shape' | 'lines' | 'band' | 'countKey' | 'unit'> {
  const lower = findStatistic(metric, 'lower')
  const upper = findStatistic(metric, 'upper')
  const percentile = findPercentile(metric)
  return {
    shape: 'line',
    lines: [
      ...lineOf(findStatistic(metric, 'median'), 'median', 'mean'),
      ...lineOf(percentile, `p${percentile?.percentile ?? ''}`, 'max', 'thin'),
      ...lineOf(findStatistic(metric, 'mean'), 'mean', 'mean', 'dashed'),
    ],
    band: lower && upper ? { lowerKey: lower.key, upperKey: upper.key } : null,
    countKey: findStatistic(metric, 'count')?.key ?? null,
    unit: unitOf(metric),
  }
}

function lineOf(
  series: SeriesEntry | undefined,
  label: string,
  merge: Merge,
  style: PlannedLine['style'] = 'main',
): PlannedLine[] {
  return series === undefined ? [] : [{ key: series.key, label, style, merge }]
}

/** The lowest and the highest of what one point is made of. */
function bandOf(series: SeriesEntry | undefined): Band | null {
  if (series === undefined) return null
  const { key } = series
  return { lowerKey: extremeKey(key, 'min'), upperKey: extremeKey(key, 'max'), ofKey: key }
}

function findStatistic(metric: MetricEntry, statistic: SeriesEntry['statistic']): SeriesEntry | undefined {
  return metric.series.find((series) => series.statistic === statistic && series.percentile === undefined)
}

function findValue(metric: MetricEntry): SeriesEntry | undefined {
  return findStatistic(metric, 'value') ?? metric.series[0]
}

/** The upper percentile nearest to 90. */
function findPercentile(metric: MetricEntry): SeriesEntry | undefined {
  let best: SeriesEntry | undefined
  for (const series of metric.series) {
    if (series.statistic !== 'upper' || series.percentile === undefined || series.percentile <= 0) continue
    const isNearer =
      best === undefined || Math.abs(series.percentile - 90) < Math.abs((best.percentile ?? 0) - 90)
    if (isNearer) best = series
  }
  return best
}

/** Of one of a metric's series. */
export function unitOfSeries(metric: MetricEntry, { statistic }: SeriesEntry): Unit {
  if (statistic === 'rate' || statistic === 'count_ps') return 'rate'
  return WITHOUT_UNIT.has(statistic) ? 'none' : unitOf(metric)
}

/** They count, or are of the unit's square. */
const WITHOUT_UNIT: ReadonlySet<SeriesEntry['statistic']> = new Set(['count', 'sum_squares', 'bin', 'bucket'])

/**
 * Timers are milliseconds, unless the name says otherwise: DogStatsD's histograms share their type and often hold
 * sizes or counts. Other metrics have a unit only when their name says so.
 */
function unitOf(metric: MetricEntry): Unit {
  const { leaf } = readSeriesName(metric.key)
  if (/(^|_|-)bytes$/i.test(leaf)) return 'bytes'
  if (metric.type !== 'timer') return 'none'
  return /(size|length|count|items|rows|ratio|percent)$/i.test(leaf) ? 'none' : 'duration'
}
