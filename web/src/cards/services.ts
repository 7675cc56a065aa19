import type { MetricEntry, MetricKind } from '../api.ts'
import { compareText, ENVIRONMENT_TAG, isOfTags, nodesOf, tagValue } from '../dashboard/prefixes.ts'
import { isOwnMetric } from '../series-name.ts'

/** The metrics that share the first node of their names (`shop`), or the tag that says their service. */
export interface Service {
  /** Hostile text. */
  readonly name: string
  /** Of its dashboard: `shop`, `;service=shop`. */
  readonly prefix: string
  /** Where it runs, by its metrics' tags. Hostile text. */
  readonly environments: readonly string[]
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

/** What goes wrong is not what shows life. */
const FAILURES = /err|fail|reject|refuse|drop|timeout|retr/i

/** By which applications say what they are: `service` is DogStatsD's, `app` is widespread. */
const SERVICE_TAGS = ['service', 'app']

/** The newest first. What has neither such a tag nor dots in its name, and what is Kymo's own, belongs to none. */
export function servicesOf(metrics: readonly MetricEntry[]): Service[] {
  const groups = new Map<string, MetricEntry[]>()
  for (const metric of metrics) {
    const prefix = isOwnMetric(metric.key) ? undefined : servicePrefixOf(metric.key)
    if (prefix === undefined) continue
    const group = groups.get(prefix)
    if (group === undefined) groups.set(prefix, [metric])
    else group.push(metric)
  }
  return [...groups]
    .map(([prefix, group]) => describe(prefix, group))
    .toSorted((a, b) => b.firstSeenMs - a.firstSeenMs || compareText(a.prefix, b.prefix))
}

/** undefined: it belongs to no service. */
function servicePrefixOf(key: string): string | undefined {
  for (const tag of SERVICE_TAGS) {
    const value = tagValue(key, tag)
    if (value !== undefined && value !== '') return `;${tag}=${value}`
  }
  const [name = '', ...more] = nodesOf(key)
  return name === '' || more.length === 0 ? undefined : name
}

function describe(prefix: string, group: readonly MetricEntry[]): Service {
  const environments = new Set(group.flatMap(({ key }) => tagValue(key, ENVIRONMENT_TAG) ?? []))
  return {
    name: isOfTags(prefix) ? prefix.replace(/^[^=]*=/, '') : prefix,
    prefix,
    environments: [...environments].toSorted(compareText),
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
    Number(FAILURES.test(one.key)) - Number(FAILURES.test(other.key)) ||
    other.lastSeenMs - one.lastSeenMs ||
    compareText(one.key, other.key)
  return difference < 0
}
