import type { MetricEntry } from './api.ts'

/** Rate of a counter, median of a timer, value of a gauge: the one series of a metric to look at first. */
export function mainSeries(metric: MetricEntry): string | undefined {
  return (
    metric.series.find((one) => one.statistic === WANTED[metric.type] && one.percentile === undefined)?.key ??
    metric.series[0]?.key
  )
}

const WANTED = { counter: 'rate', timer: 'median', set: 'count', gauge: 'value', untyped: 'value' } as const
