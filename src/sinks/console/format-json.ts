import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import { eventDocument, metricDocument } from '../delivery/json-documents.ts'
import { readingsOfPoints } from '../delivery/metric-readings.ts'
import { sortedReadings } from './sorted-readings.ts'

/**
 * JSON lines, one per metric and flush:
 *
 *   {"timestamp":1700000000,"interval_ms":10000,"metric":"api.hits","type":"counter",
 *    "tags":{"env":"prod"},"statistics":{"count":10,"rate":1}}
 *
 * Described in docs/guide/sinks.md. A value that JSON has no number for is null.
 */
export function* flushToJson(batch: FlushBatch): Generator<string> {
  const start = { timestamp: batch.timestampMs / 1000, interval_ms: batch.intervalMs }
  for (const reading of sortedReadings(batch)) yield toLine({ ...start, ...metricDocument(reading) })
}

/** One line per point, without `interval_ms`. */
export function* pointsToJson(batch: PointBatch): Generator<string> {
  for (const reading of readingsOfPoints(batch))
    yield toLine({ timestamp: reading.timeMs / 1000, ...metricDocument(reading) })
}

/**
 * One line per event:
 *
 *   {"event":{"timestamp":1700000000,"kind":"event","title":"deploy","text":"","tags":["env:prod","web"]}}
 */
export function* eventsToJson(events: readonly MetricEvent[]): Generator<string> {
  for (const event of events)
    yield toLine({ event: { timestamp: event.timeMs / 1000, ...eventDocument(event) } })
}

/** What a terminal would obey is inside strings here, where \uXXXX means the same. */
function toLine(document: object): string {
  return `${escapeForTerminal(JSON.stringify(document))}\n`
}
