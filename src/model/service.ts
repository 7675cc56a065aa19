import type { SeriesKey } from './series-key.ts'

/** By which applications say what they are: `service` is DogStatsD's, `app` is widespread. */
const SERVICE_TAGS = [';service=', ';app=']
const ENVIRONMENT_TAG = ';env='
const OWN_PREFIX = 'statsd.'

/**
 * What a metric belongs to: the tag that says its service (`;service=shop`), or the first node of its name (`shop`). undefined: to none, as what has
 * neither such a tag nor dots in its name, and what is Kymo's own.
 */
export function servicePrefixOf(metricKey: SeriesKey): string | undefined {
  if (metricKey.startsWith(OWN_PREFIX)) return undefined
  const nameEnd = metricKey.indexOf(';')
  if (nameEnd >= 0)
    for (const tag of SERVICE_TAGS) {
      const value = valueOf(metricKey, tag)
      if (value !== undefined && value !== '') return tag + value
    }
  const dot = metricKey.indexOf('.')
  return dot <= 0 || (nameEnd >= 0 && dot > nameEnd) ? undefined : metricKey.slice(0, dot)
}

/** Where it runs, as its tags say. */
export function environmentOf(metricKey: SeriesKey): string | undefined {
  return metricKey.includes(';') ? valueOf(metricKey, ENVIRONMENT_TAG) : undefined
}

function valueOf(metricKey: SeriesKey, tag: string): string | undefined {
  const start = metricKey.indexOf(tag)
  if (start < 0) return undefined
  const end = metricKey.indexOf(';', start + 1)
  return metricKey.slice(start + tag.length, end < 0 ? undefined : end)
}

/** What shows life comes first: how often something happens, how long it takes, how many. */
export const PULSE_ORDER = ['counter', 'timer', 'set', 'gauge', 'untyped'] as const

/** What goes wrong is not what shows life. */
const FAILURES = /err|fail|reject|refuse|drop|timeout|retr/i

export interface PulseCandidate {
  readonly key: SeriesKey
  readonly type: (typeof PULSE_ORDER)[number]
  readonly lastSeenMs: number
}

/** Whether one metric shows better than the other that their service is alive. */
export function isBetterPulse(one: PulseCandidate, other: PulseCandidate): boolean {
  const byType = PULSE_ORDER.indexOf(one.type) - PULSE_ORDER.indexOf(other.type)
  if (byType !== 0) return byType < 0
  const byFailures = Number(FAILURES.test(one.key)) - Number(FAILURES.test(other.key))
  if (byFailures !== 0) return byFailures < 0
  if (one.lastSeenMs !== other.lastSeenMs) return one.lastSeenMs > other.lastSeenMs
  return one.key < other.key
}
