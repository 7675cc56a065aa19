import type { MetricGroups } from './metric-groups.ts'
import type { SeriesRows } from './series-rows.ts'

/**
 * The metrics first seen last, each by one of its series, at most `limit` of them, in no order. Of those first seen at one
 * time it is no matter which. All are looked at once, however few are wanted.
 */
export function newestFirst(metrics: MetricGroups, rows: SeriesRows, limit: number): number[] {
  const heads: number[] = []
  const times: number[] = []
  for (const head of metrics.heads()) {
    heads.push(head)
    times.push(firstSeenMsOf(metrics, rows, head))
  }
  if (heads.length <= limit) return heads
  const sorted = Float64Array.from(times).sort()
  const boundaryMs = sorted[sorted.length - limit] as number
  const newer = heads.filter((_, place) => (times[place] as number) > boundaryMs)
  const atBoundary = heads.filter((_, place) => times[place] === boundaryMs)
  return [...newer, ...atBoundary.slice(0, limit - newer.length)]
}

function firstSeenMsOf(metrics: MetricGroups, { firstSeenMs }: SeriesRows, head: number): number {
  let firstMs = firstSeenMs[head] as number
  for (const row of metrics.rowsOf(head)) firstMs = Math.min(firstMs, firstSeenMs[row] as number)
  return firstMs
}
