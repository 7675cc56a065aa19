import type { MetricEntry, RefusedTime, RejectionSample, StatusReport } from '../api.ts'
import { matcherOf } from './path-pattern.ts'
import { mainSeries } from '../main-series.ts'
import type { Offender } from '../over-limit/over-limit.ts'
import type { Span } from '../time/time-text.ts'

/** Why a target shows nothing. */
export type Missing =
  | { readonly kind: 'never-seen'; readonly path: string; readonly nearest: readonly string[] }
  | { readonly kind: 'rejected'; readonly path: string; readonly rejection: RejectionSample }
  | { readonly kind: 'over-limit'; readonly path: string; readonly offender: Offender }
  /** Points of it came, and are not kept for their time. */
  | { readonly kind: 'refused-time'; readonly path: string; readonly refused: RefusedTime }
  /** It has points later than now. */
  | { readonly kind: 'clock-ahead'; readonly path: string; readonly aheadMs: number }
  | {
      readonly kind: 'outside-range'
      readonly path: string
      readonly firstSeenMs: number
      readonly lastSeenMs: number
    }
  | { readonly kind: 'empty' }

/** What Kymo knows that can explain it. */
export interface Evidence {
  readonly metrics: readonly MetricEntry[]
  /** The newest first. */
  readonly rejections: readonly RejectionSample[]
  /** null: Kymo has not yet said. */
  readonly status: Pick<StatusReport, 'limits' | 'nowMs' | 'store'> | null
}

const NEAREST = 3

/** Clocks that differ by less are as good as the same. */
const SKEW_MS = 60_000

/** The first of the paths that explains it. */
export function explainMissing(
  paths: readonly string[],
  isKnown: (path: string) => boolean,
  evidence: Evidence,
  span: Span,
): Missing {
  for (const path of paths) {
    const missing = isKnown(path) ? explainKnown(path, evidence, span) : explainUnknown(path, evidence)
    if (missing !== undefined) return missing
  }
  return { kind: 'empty' }
}

function explainKnown(path: string, evidence: Evidence, span: Span): Missing | undefined {
  const refused = refusedTime(path, evidence)
  if (refused !== undefined) return refused
  const isMeant = matcherOf(path)
  const metrics = evidence.metrics.filter(({ series }) => series.some(({ key }) => isMeant(key)))
  if (metrics.length === 0) return undefined
  return outsideRange(path, seenOf(metrics), evidence.status?.nowMs, span)
}

/** From the first time that any of them was seen to the last. */
export function seenOf(metrics: readonly Seen[]): Seen {
  return {
    firstSeenMs: Math.min(...metrics.map(({ firstSeenMs }) => firstSeenMs)),
    lastSeenMs: Math.max(...metrics.map(({ lastSeenMs }) => lastSeenMs)),
  }
}

type Seen = Pick<MetricEntry, 'firstSeenMs' | 'lastSeenMs'>

/** A metric that has points, but not in the span; undefined: it may have some there. `nowMs` is Kymo's. */
export function outsideRange(
  path: string,
  { firstSeenMs, lastSeenMs }: Seen,
  nowMs: number | undefined,
  span: Span,
): Missing | undefined {
  if (nowMs !== undefined && firstSeenMs > nowMs + SKEW_MS && firstSeenMs > span.untilSeconds * 1000) {
    return { kind: 'clock-ahead', path, aheadMs: firstSeenMs - nowMs }
  }
  if (lastSeenMs >= span.fromSeconds * 1000 && firstSeenMs <= span.untilSeconds * 1000) return undefined
  return { kind: 'outside-range', path, firstSeenMs, lastSeenMs }
}

function refusedTime(path: string, { status }: Evidence): Missing | undefined {
  const isMeant = matcherOf(path)
  const refused = status?.store.refusedTimes.find(({ key }) => isMeant(key))
  return refused && { kind: 'refused-time', path, refused }
}

function explainUnknown(path: string, evidence: Evidence): Missing {
  const { metrics, rejections, status } = evidence
  const rejection = rejections.find(({ line }) => hasNodes(path, nameIn(line)))
  if (rejection !== undefined) return { kind: 'rejected', path, rejection }
  const offender = status?.limits.offenders.find(
    ({ prefix, examples }) => hasNodes(path, prefix) || examples.some((example) => hasNodes(path, example)),
  )
  if (offender !== undefined) return { kind: 'over-limit', path, offender }
  const refused = refusedTime(path, evidence)
  if (refused !== undefined) return refused
  return { kind: 'never-seen', path, nearest: nearestNames(path, metrics) }
}

/** Of what Kymo refuses, the newest line and the worst offender that are of what is missing. */
export function hintsFor(
  isMissing: (name: string) => boolean,
  { rejections, status }: Omit<Evidence, 'metrics'>,
): { readonly rejection: RejectionSample | undefined; readonly offender: Offender | undefined } {
  return {
    rejection: rejections.find(({ line }) => isMissing(nameIn(line))),
    offender: status?.limits.offenders.find(
      ({ prefix, examples }) => isMissing(prefix) || examples.some((example) => isMissing(example)),
    ),
  }
}

/** The name in a line, as far as it can be told of one that is none. */
function nameIn(line: string): string {
  return /^[^:|\s]*/.exec(line)?.[0] ?? ''
}

/** `shop.orders` is among the nodes of `stats.counters.shop.orders.rate`, for a series has more than the metric's name. */
function hasNodes(path: string, name: string): boolean {
  return name !== '' && `.${path}.`.includes(`.${name}.`)
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
