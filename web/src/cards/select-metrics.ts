import type { MetricEntry } from '../api.ts'
import { isOwnMetric, matchesSearch } from '../series-name.ts'

export interface Selection {
  readonly shown: readonly MetricEntry[]
  /** How many of Kymo's own match the search, shown or not. */
  readonly ownCount: number
}

/** What the search leaves, Kymo's own metrics last and only on request. */
export function selectMetrics(metrics: readonly MetricEntry[], query: string, showsOwn: boolean): Selection {
  const matching = metrics.filter((metric) => matchesSearch(metric.key, query.trim()))
  const own = matching.filter((metric) => isOwnMetric(metric.key))
  const others = matching.filter((metric) => !isOwnMetric(metric.key))
  return { shown: showsOwn ? [...others, ...own] : others, ownCount: own.length }
}
