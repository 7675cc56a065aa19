import type { SeriesIdentity } from '../model/series-identity.ts'
import type { CatalogEntry, CatalogMetric } from './catalog.ts'

/** Series grouped by the metric they were made from. One name sent as two types is two metrics. */
export class MetricIndex {
  readonly #groups = new Map<string, Set<CatalogEntry>>()
  /** Sorted when asked for, and again only after something changed. */
  #newestFirst: readonly MetricGroup[] | undefined

  get size(): number {
    return this.#groups.size
  }

  add(entry: CatalogEntry): void {
    const key = groupKeyOf(entry.identity)
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, new Set([entry]))
    else group.add(entry)
    this.reorder()
  }

  remove(entry: CatalogEntry): void {
    const key = groupKeyOf(entry.identity)
    const group = this.#groups.get(key)
    group?.delete(entry)
    if (group?.size === 0) this.#groups.delete(key)
    this.reorder()
  }

  /** The first seen time of an entry changed. */
  reorder(): void {
    this.#newestFirst = undefined
  }

  newestFirst(limit: number): CatalogMetric[] {
    this.#newestFirst ??= [...this.#groups.values()].map(groupOf).sort(byNewestFirst)
    return this.#newestFirst.slice(0, limit).map(({ entries, firstSeenMs }) => {
      const series = [...entries].map((entry) => entry.identity)
      return {
        metricKey: series[0]?.metricKey ?? '',
        metricType: series[0]?.metricType ?? 'untyped',
        firstSeenMs,
        lastSeenMs: Math.max(...[...entries].map((entry) => entry.lastSeenMs)),
        series,
      }
    })
  }
}

interface MetricGroup {
  readonly metricKey: string
  readonly entries: ReadonlySet<CatalogEntry>
  readonly firstSeenMs: number
}

/** A type is a plain word, so that the first colon always ends it. */
function groupKeyOf({ metricType, metricKey }: SeriesIdentity): string {
  return `${metricType}:${metricKey}`
}

function groupOf(entries: ReadonlySet<CatalogEntry>): MetricGroup {
  let metricKey = ''
  let firstSeenMs = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    metricKey = entry.identity.metricKey
    firstSeenMs = Math.min(firstSeenMs, entry.firstSeenMs)
  }
  return { metricKey, entries, firstSeenMs }
}

function byNewestFirst(a: MetricGroup, b: MetricGroup): number {
  return b.firstSeenMs - a.firstSeenMs || (a.metricKey < b.metricKey ? -1 : a.metricKey > b.metricKey ? 1 : 0)
}
