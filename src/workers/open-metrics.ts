import { type MetricListing, listMetrics, type OpenValue, SHOWN_TIMER_VALUES } from '../admin/list-metrics.ts'
import type { AdminMetricType } from '../admin/services.ts'
import type { IntervalMerger } from '../aggregator/index.ts'
import type { SeriesKey } from '../model/series-key.ts'

/** What the metrics of a type hold in the open interval, for the management console. */
export function listOpenMetrics(merger: IntervalMerger, type: AdminMetricType): MetricListing {
  return listMetrics(openValues(merger, type), merger.metrics(type).size)
}

function* openValues(
  merger: IntervalMerger,
  type: AdminMetricType,
): Generator<readonly [SeriesKey, OpenValue]> {
  if (type === 'timer') {
    for (const timer of merger.metrics(type)) yield [timer.key, timer.openValues(SHOWN_TIMER_VALUES)]
  } else if (type === 'counter') {
    for (const counter of merger.metrics(type)) yield [counter.key, counter.openValue]
  } else {
    for (const gauge of merger.metrics(type)) yield [gauge.key, gauge.openValue]
  }
}
