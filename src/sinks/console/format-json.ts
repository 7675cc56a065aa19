import { formatEventTag } from '../../model/event-tag.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { parseSeriesKey } from '../../model/series-key.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { groupByMetric, type MetricReading } from './group-by-metric.ts'
import { statisticName } from '../../model/series-identity.ts'

/**
 * JSON lines, one per metric and flush:
 *
 *   {"timestamp":1700000000,"interval_ms":10000,"metric":"api.hits","type":"counter",
 *    "tags":{"env":"prod"},"statistics":{"count":10,"rate":1}}
 *
 * Described in docs/guide/sinks.md. A value that JSON has no number for is null.
 */
export function* flushToJson(batch: FlushBatch): Generator<string> {
  for (const reading of groupByMetric(batch.series, batch.values)) {
    yield toLine({ timestamp: batch.timestampMs / 1000, interval_ms: batch.intervalMs }, reading)
  }
}

/** One line per point, without `interval_ms`. */
export function* pointsToJson(batch: PointBatch): Generator<string> {
  for (const [index, identity] of batch.series.entries()) {
    const { metricKey, metricType } = identity
    const statistics = [[statisticName(identity), batch.values[index] as number]] as const
    yield toLine(
      { timestamp: (batch.timesMs[index] as number) / 1000 },
      { metricKey, metricType, statistics },
    )
  }
}

/**
 * One line per event. Its tags are a list, because one key may have several values and some have none:
 *
 *   {"event":{"timestamp":1700000000,"kind":"event","title":"deploy","text":"","tags":["env:prod","web"]}}
 */
export function* eventsToJson(events: readonly MetricEvent[]): Generator<string> {
  for (const event of events) {
    const line = {
      timestamp: event.timeMs / 1000,
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
    yield `${escapeForTerminal(JSON.stringify({ event: line }))}\n`
  }
}

interface LineStart {
  readonly timestamp: number
  readonly interval_ms?: number
}

function toLine(start: LineStart, { metricKey, metricType, statistics }: MetricReading): string {
  const { name, tags } = parseSeriesKey(metricKey)
  const line = {
    ...start,
    metric: name,
    type: metricType,
    tags: toObject(tags),
    statistics: toObject(statistics),
  }
  // What a terminal would obey is inside strings here, where \uXXXX means the same.
  return `${escapeForTerminal(JSON.stringify(line))}\n`
}

/** Without a prototype: `__proto__` is a key like any other. */
function toObject<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const object = Object.create(null) as Record<string, Value>
  for (const [key, value] of entries) object[key] = value
  return object
}
