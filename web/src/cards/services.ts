import type { MetricEntry, MetricKind } from '../api.ts'
import { compareText, nodesOf } from '../dashboard/prefixes.ts'
import { isOwnMetric } from '../series-name.ts'

/** The metrics that share the first node of their names: `shop`. */
export interface Service {
  /** Hostile text. */
  readonly name: string
  readonly metricCount: number
  /** How many there are of each type, the most first. */
  readonly types: readonly { readonly type: MetricKind; readonly count: number }[]
  /** When its first metric came. */
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  /** The metric that shows best whether it is alive. */
  readonly pulse: MetricEntry
}

/** What shows life comes first: how often something happens, how long it takes, how many. */
const PULSE_ORDER: readonly MetricKind[] = ['counter', 'timer', 'set', 'gauge', 'untyped']

/** The newest first. What has no dots in its name, and what is Kymo's own, belongs to none. */
export function servicesOf(metrics: readonly MetricEntry[]): Service[] {
  const groups = new Map<string, MetricEntry[]>()
  for (const metric of metrics) {
    const [name = '', ...more] = nodesOf(metric.key)
    if (name === '' || more.length === 0 || isOwnMetric(metric.key)) continue
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [metric])
    else group.push(metric)
  }
  return [...groups]
    .map(([name, group]) => describe(name, group))
    .toSorted((a, b) => b.firstSeenMs - a.firstSeenMs || compareText(a.name, b.name))
}

function describe(name: string, group: readonly MetricEntry[]): Service {
  return {
    name,
    metricCount: group.length,
    types: PULSE_ORDER.map((type) => ({ type, count: group.filter((one) => one.type === type).length }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count),
    firstSeenMs: Math.min(...group.map(({ firstSeenMs }) => firstSeenMs)),
    lastSeenMs: Math.max(...group.map(({ lastSeenMs }) => lastSeenMs)),
    pulse: group.reduce((best, one) => (isBetterPulse(one, best) ? one : best)),
  }
}

function isBetterPulse(one: MetricEntry, other: MetricEntry): boolean {
  const difference =
    PULSE_ORDER.indexOf(one.type) - PULSE_ORDER.indexOf(other.type) ||
    other.lastSeenMs - one.lastSeenMs ||
    compareText(one.key, other.key)
  return difference < 0
}
