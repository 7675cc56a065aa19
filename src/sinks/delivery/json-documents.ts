import { formatEventTag } from '../../model/event-tag.ts'
import type { MetricEvent } from '../../model/event.ts'
import { parseSeriesKey } from '../../model/series-key.ts'
import type { MetricReading } from './metric-readings.ts'

// Metrics and events as JSON objects, the same wherever Kymo writes JSON of its own. Described in docs/guide/sinks.md.

/** `{"metric":"api.hits","type":"counter","tags":{"env":"prod"},"statistics":{"count":10,"rate":1}}`, without a time. */
export function metricDocument({ metricKey, metricType, statistics }: MetricReading) {
  const { name, tags } = parseSeriesKey(metricKey)
  return { metric: name, type: metricType, tags: toObject(tags), statistics: toObject(statistics) }
}

/** Its tags are a list, because one key may have several values and some have none. */
export function eventDocument(event: MetricEvent) {
  return {
    kind: event.kind,
    title: event.title,
    text: event.text,
    tags: event.tags.map(formatEventTag),
    hostname: event.hostname,
    aggregation_key: event.aggregationKey,
    source_type: event.sourceType,
    priority: event.priority,
    alert_type: event.alertType,
    status: event.status,
  }
}

/** Without a prototype: `__proto__` is a key like any other. */
export function toObject<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const object = Object.create(null) as Record<string, Value>
  for (const [key, value] of entries) object[key] = value
  return object
}
