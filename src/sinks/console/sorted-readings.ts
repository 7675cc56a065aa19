import type { FlushBatch } from '../../model/flush-batch.ts'
import { type MetricReading, readingsOfFlush } from '../delivery/metric-readings.ts'

/** By key, then type. */
export function sortedReadings(batch: FlushBatch): MetricReading[] {
  return readingsOfFlush(batch).sort(
    (a, b) => compare(a.metricKey, b.metricKey) || compare(a.metricType, b.metricType),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
