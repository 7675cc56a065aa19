import { deleteMetrics } from '../delete-metrics.ts'
import { listMetrics, type OpenValue } from '../list-metrics.ts'
import type { AdminMetricType, AdminServices } from '../services.ts'

export type FakeMetrics = Record<AdminMetricType, Map<string, OpenValue>>

/** Services over metrics in plain Maps; `others` take the place of what a test is about. */
export function createFakeServices(metrics: FakeMetrics, others: Partial<AdminServices> = {}): AdminServices {
  return {
    uptimeSeconds: () => 0,
    lastMessageSeenSeconds: () => 0,
    badLinesSeen: () => 0,
    sinkStats: () => [],
    openMetrics: (type) => Promise.resolve(listMetrics(metrics[type], metrics[type].size)),
    deleteMetrics: (type, names) => Promise.resolve(deleteMetrics(metrics[type], names)),
    config: () => [],
    ...others,
  }
}

export function noMetrics(): FakeMetrics {
  return { counter: new Map(), timer: new Map(), gauge: new Map() }
}

export function timer(values: readonly number[]): OpenValue {
  return { values, valueCount: values.length }
}
