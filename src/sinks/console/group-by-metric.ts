import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { SeriesKey } from '../../model/series-key.ts'
import { statisticName } from '../../model/series-identity.ts'

/** One metric as it was sent, with all that an interval says of it. */
export interface MetricReading {
  readonly metricKey: SeriesKey
  readonly metricType: SeriesIdentity['metricType']
  /** `[statistic, value]` in the order of the batch. */
  readonly statistics: readonly (readonly [name: string, value: number])[]
}

/** Sorted by key, then type. */
export function groupByMetric(series: readonly SeriesIdentity[], values: Float64Array): MetricReading[] {
  const groups = new Map<string, { identity: SeriesIdentity; statistics: [string, number][] }>()
  for (const [index, identity] of series.entries()) {
    // No type has a space in it, so no two metrics share an id.
    const id = `${identity.metricType} ${identity.metricKey}`
    let group = groups.get(id)
    if (group === undefined) {
      group = { identity, statistics: [] }
      groups.set(id, group)
    }
    group.statistics.push([statisticName(identity), values[index] as number])
  }
  return [...groups.values()]
    .map(({ identity: { metricKey, metricType }, statistics }) => ({ metricKey, metricType, statistics }))
    .sort((a, b) => compare(a.metricKey, b.metricKey) || compare(a.metricType, b.metricType))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
