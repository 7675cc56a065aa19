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
  const table = merger.metrics(type)
  const valueAt =
    type === 'timer'
      ? (slot: number) => merger.metrics('timer').at(slot).openValues(SHOWN_TIMER_VALUES)
      : (slot: number) => (type === 'counter' ? merger.metrics(type) : merger.metrics(type)).openValue(slot)
  for (const slot of table.slots()) yield [table.keyOf(slot), valueAt(slot)]
}
