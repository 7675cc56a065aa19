import type { MetricEntry, MetricKind } from '../api.ts'
import { compareText, isOfTags, nodesOf, restBelow, tagsOf } from './prefixes.ts'

/** Of many metrics that differ in one node only, or below tags in tags only, one picture: `hosts.*.cpu`. */
export interface Overlay {
  /** `*.cpu`, behind the prefix; `queue.depth` where they differ in tags. */
  readonly title: string
  readonly isByTags: boolean
  readonly type: MetricKind
  /** By the node, or the values of tags, in which they differ, in the order of their names. */
  readonly members: readonly { readonly node: string; readonly metric: MetricEntry }[]
}

export interface Section {
  readonly type: MetricKind
  readonly overlays: readonly Overlay[]
  readonly metrics: readonly MetricEntry[]
}

/** What is asked of a service first comes first: how much, how long, how many, and then what it holds. */
const ORDER: readonly MetricKind[] = ['counter', 'timer', 'set', 'gauge', 'untyped']

/** The dashboard of a prefix. It follows from the metrics alone: the same metrics, whatever their order, give the same. */
export function layOutDashboard(metrics: readonly MetricEntry[], prefix: string): Section[] {
  const below = metrics
    .flatMap((metric) => {
      const rest = restBelow(metric.key, prefix)
      return rest === undefined ? [] : [{ metric, rest }]
    })
    .toSorted((a, b) => compareText(a.metric.key, b.metric.key))
  return ORDER.flatMap((type) => {
    const ofType = below.filter(({ metric }) => metric.type === type)
    if (ofType.length === 0) return []
    const overlays = isOfTags(prefix) ? overlaysByTags(ofType, type) : findOverlays(ofType, type)
    const taken = new Set(overlays.flatMap(({ members }) => members.map(({ metric }) => metric)))
    return [
      { type, overlays, metrics: ofType.map(({ metric }) => metric).filter((metric) => !taken.has(metric)) },
    ]
  })
}

function findOverlays(
  metrics: readonly { readonly metric: MetricEntry; readonly rest: readonly string[] }[],
  type: MetricKind,
): Overlay[] {
  const bySuffix = new Map<string, { node: string; metric: MetricEntry }[]>()
  for (const { metric, rest } of metrics) {
    const [node, ...suffix] = rest
    // With tags they differ in more than a node.
    if (node === undefined || suffix.length === 0 || metric.key.includes(';')) continue
    const title = `*.${suffix.join('.')}`
    const members = bySuffix.get(title) ?? []
    members.push({ node, metric })
    bySuffix.set(title, members)
  }
  return [...bySuffix]
    .filter(([, members]) => members.length > 1)
    .map(([title, members]) => ({ title, isByTags: false, type, members }))
    .toSorted((a, b) => compareText(a.title, b.title))
}

function overlaysByTags(metrics: readonly { readonly metric: MetricEntry }[], type: MetricKind): Overlay[] {
  const byName = new Map<string, MetricEntry[]>()
  for (const { metric } of metrics) {
    const name = nodesOf(metric.key).join('.')
    byName.set(name, [...(byName.get(name) ?? []), metric])
  }
  return [...byName]
    .filter(([, members]) => members.length > 1)
    .map(([title, members]) => {
      const common = tagsOf(members[0]?.key ?? '').filter((tag) =>
        members.every(({ key }) => tagsOf(key).includes(tag)),
      )
      const nodeOf = (key: string) =>
        tagsOf(key)
          .filter((tag) => !common.includes(tag))
          .map((tag) => tag.replace(/^[^=]*=/, ''))
          .join(' · ')
      return {
        title,
        isByTags: true,
        type,
        members: members.map((metric) => ({ node: nodeOf(metric.key) || 'without', metric })),
      }
    })
    .toSorted((a, b) => compareText(a.title, b.title))
}
