import { formatEventTag } from '../../model/event-tag.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { PointBatch } from '../../model/point.ts'
import { escapeForTerminal } from '../../telemetry/escape-for-terminal.ts'
import type { MetricReading } from '../delivery/metric-readings.ts'
import { sortedReadings } from './sorted-readings.ts'
import { statisticName } from '../../model/series-identity.ts'

/** Longer names push their line to the right; the others stay aligned. */
const MAX_NAME_COLUMNS = 60

/**
 * One block per flush, for people:
 *
 *   2023-11-14T22:13:20.000Z  1700000000  counters 1  gauges 1  timers 0  sets 0  series 3
 *     api.hits  counter  count 10  rate 1
 *     memory    gauge    value 4
 */
export function* flushToText(batch: FlushBatch): Generator<string> {
  const { counter, gauge, timer, set } = batch.metricCounts
  const counts = `counters ${counter}  gauges ${gauge}  timers ${timer}  sets ${set}  series ${batch.series.length}`
  yield `${timeToText(batch.timestampMs)}  ${counts}\n`
  yield* table(sortedReadings(batch).map(readingToRow))
  yield '\n'
}

/** As a flush, with the time at the end of each line. */
export function* pointsToText(batch: PointBatch): Generator<string> {
  yield `points with times of their own  ${batch.series.length}\n`
  yield* table(
    batch.series.map((identity, index) => [
      escapeForTerminal(identity.metricKey),
      identity.metricType,
      `${statisticName(identity)} ${batch.values[index]}  at ${timeToText(batch.timesMs[index] as number)}`,
    ]),
  )
  yield '\n'
}

/**
 * A line per event. The text stands in quotes, its line ends escaped:
 *
 *   events  2
 *     deploy  event          "rolled out by hand"  tags env:prod  at 2023-11-14T22:13:20.000Z  1700000000
 *     disk    service_check  critical  host web1  at 2023-11-14T22:13:20.000Z  1700000000
 */
export function* eventsToText(events: readonly MetricEvent[]): Generator<string> {
  yield `events  ${events.length}\n`
  yield* table(events.map((event) => [escapeForTerminal(event.title), event.kind, eventToText(event)]))
  yield '\n'
}

const STATUS_NAMES = ['ok', 'warning', 'critical', 'unknown'] as const

function eventToText({ status, alertType, priority, text, tags, hostname, timeMs }: MetricEvent): string {
  const parts = [
    status === undefined ? undefined : STATUS_NAMES[status],
    alertType,
    priority === undefined ? undefined : `priority ${priority}`,
    text === '' ? undefined : JSON.stringify(text),
    tags.length === 0 ? undefined : `tags ${tags.map(formatEventTag).join(',')}`,
    hostname === undefined ? undefined : `host ${hostname}`,
  ]
  const details = parts.filter((part) => part !== undefined).join('  ')
  return `${escapeForTerminal(details)}${details === '' ? '' : '  '}at ${timeToText(timeMs)}`
}

type Row = readonly [name: string, type: string, rest: string]

function readingToRow({ metricKey, metricType, statistics }: MetricReading): Row {
  const rest = statistics.map(([name, value]) => `${name} ${value}`).join('  ')
  return [escapeForTerminal(metricKey), metricType, rest]
}

function* table(rows: readonly Row[]): Generator<string> {
  let nameColumns = 0
  let typeColumns = 0
  for (const [name, type] of rows) {
    nameColumns = Math.max(nameColumns, Math.min(name.length, MAX_NAME_COLUMNS))
    typeColumns = Math.max(typeColumns, type.length)
  }
  for (const [name, type, rest] of rows) {
    yield `  ${name.padEnd(nameColumns)}  ${type.padEnd(typeColumns)}  ${rest}\n`
  }
}

const MAX_DATE_MS = 8.64e15

/** For people and for Graphite: `2023-11-14T22:13:20.000Z  1700000000`. */
function timeToText(timeMs: number): string {
  const seconds = String(timeMs / 1000)
  return Math.abs(timeMs) <= MAX_DATE_MS ? `${new Date(timeMs).toISOString()}  ${seconds}` : seconds
}
