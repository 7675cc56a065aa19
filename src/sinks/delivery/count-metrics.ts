import type { FlushBatch } from '../../model/flush-batch.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'

/** How many metrics of each type these are series of. */
export function countMetrics(series: readonly SeriesIdentity[]): FlushBatch['metricCounts'] {
  const keys = {
    counter: new Set<string>(),
    gauge: new Set<string>(),
    timer: new Set<string>(),
    set: new Set<string>(),
  }
  let last: SeriesIdentity | undefined
  for (const identity of series) {
    // Series of one metric tend to stand together.
    const isAnother = identity.metricKey !== last?.metricKey || identity.metricType !== last.metricType
    if (isAnother && identity.metricType !== 'untyped') keys[identity.metricType].add(identity.metricKey)
    last = identity
  }
  return {
    counter: keys.counter.size,
    gauge: keys.gauge.size,
    timer: keys.timer.size,
    set: keys.set.size,
  }
}
