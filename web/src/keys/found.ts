import type { MetricEntry } from '../api.ts'
import { nodesOf, serviceTagOf, titleOf } from '../dashboard/prefixes.ts'
import { mainSeries } from '../main-series.ts'
import { linkTo, type Route } from '../route.ts'
import { targetOf } from '../series-loader.ts'
import { isOwnMetric, matchesSearch } from '../series-name.ts'

export interface Found {
  readonly kind: 'page' | 'dashboard' | 'metric'
  /** Hostile text. */
  readonly label: string
  readonly address: string
}

const LIMIT = 14

/** What Ctrl+K finds: pages, then dashboards, then metrics. */
export function findAll(query: string, metrics: readonly MetricEntry[], route: Route): Found[] {
  const pages: Found[] = (['home', 'explore', 'boards', 'incoming', 'size', 'status'] as const).map(
    (page) => ({
      kind: 'page',
      label: PAGE_LABELS[page],
      address: linkTo(route, { page }),
    }),
  )
  const prefixes = new Set(
    metrics
      .filter(({ key }) => !isOwnMetric(key))
      .flatMap(({ key }) => {
        const nodes = nodesOf(key)
        return nodes.slice(1).map((_, index) => nodes.slice(0, index + 1).join('.'))
      }),
  )
  const ofTags = new Set(metrics.flatMap(({ key }) => serviceTagOf(key) ?? []))
  const dashboards = [...ofTags, ...prefixes]
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((prefix): Found => {
      return {
        kind: 'dashboard',
        label: titleOf(prefix),
        address: linkTo(route, { page: 'dashboard', prefix }),
      }
    })
  const ofMetrics = metrics.map((metric): Found => {
    const targets = [mainSeries(metric) ?? metric.key].map(targetOf)
    return { kind: 'metric', label: metric.key, address: linkTo(route, { page: 'explore', targets }) }
  })
  return [...pages, ...dashboards, ...ofMetrics]
    .filter(({ label }) => matchesSearch(label, query.trim()))
    .slice(0, LIMIT)
}

const PAGE_LABELS = {
  home: 'Metrics',
  explore: 'Explore',
  boards: 'Dashboards',
  incoming: 'Incoming',
  size: 'Size',
  status: 'Status',
} as const
