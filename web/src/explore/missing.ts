import type { MetricEntry } from '../api.ts'
import { mainSeries } from '../main-series.ts'
import type { Span } from '../time/time-text.ts'

/** Why a target shows nothing. */
export type Missing =
  | { readonly kind: 'never-seen'; readonly path: string; readonly nearest: readonly string[] }
  | {
      readonly kind: 'outside-range'
      readonly path: string
      readonly firstSeenMs: number
      readonly lastSeenMs: number
    }
  | { readonly kind: 'empty' }

const NEAREST = 3

/** The first of the paths that explains it. */
export function explainMissing(
  paths: readonly string[],
  isKnown: (path: string) => boolean,
  metrics: readonly MetricEntry[],
  span: Span,
): Missing {
  for (const path of paths) {
    if (!isKnown(path)) return { kind: 'never-seen', path, nearest: nearestNames(path, metrics) }
    const metric = metrics.find(({ series }) => series.some(({ key }) => key === path))
    if (
      metric !== undefined &&
      (metric.lastSeenMs < span.fromSeconds * 1000 || metric.firstSeenMs > span.untilSeconds * 1000)
    ) {
      const { firstSeenMs, lastSeenMs } = metric
      return { kind: 'outside-range', path, firstSeenMs, lastSeenMs }
    }
  }
  return { kind: 'empty' }
}

/** Series whose name, or the name of their metric, is most alike. */
export function nearestNames(path: string, metrics: readonly MetricEntry[]): string[] {
  const ranked = metrics.flatMap((metric) => {
    const series = metric.series.map(({ key }) => key)
    const main = mainSeries(metric)
    if (main === undefined) return []
    const candidates = [
      { name: main, distance: distanceOf(path, metric.key) },
      ...series.map((name) => ({ name, distance: distanceOf(path, name) })),
    ]
    return [candidates.reduce((a, b) => (b.distance < a.distance ? b : a))]
  })
  return ranked
    .filter(({ distance }) => distance <= Math.max(2, path.length * 0.45))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, NEAREST)
    .map(({ name }) => name)
}

const LONGEST = 120

/** How many letters have to be put in, taken out or changed. */
function distanceOf(one: string, other: string): number {
  const a = one.slice(0, LONGEST).toLowerCase()
  const b = other.slice(0, LONGEST).toLowerCase()
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
