import type { OtlpLog } from '../../formats/otlp/otlp-log.ts'
import type { OtlpAttribute } from '../../formats/otlp/otlp-point.ts'
import type { MetricEvent } from '../../model/event.ts'

/** An event, or a service check, as a log record. */
export function toLog(event: MetricEvent, resource: readonly OtlpAttribute[]): OtlpLog {
  const { kind, timeMs, title, text, tags, hostname, aggregationKey, sourceType, priority, status } = event
  const own: readonly (readonly [string, string | undefined])[] = [
    ['kymo.kind', kind],
    ['host.name', hostname],
    ['kymo.aggregation_key', aggregationKey],
    ['kymo.source_type', sourceType],
    ['kymo.priority', priority],
    ['kymo.status', status === undefined ? undefined : STATUSES[status]],
  ]
  const attributes = new Map(tags)
  for (const [key, value] of own) if (value !== undefined) attributes.set(key, value)
  return {
    resource,
    timeMs,
    severity: severityOf(event),
    eventName: title,
    body: text === '' ? title : text,
    attributes: [...attributes],
  }
}

const STATUSES = ['ok', 'warning', 'critical', 'unknown']

const INFORMATION = 9
const WARNING = 13
const ERROR = 17

function severityOf({ alertType, status }: MetricEvent): number {
  if (alertType === 'error' || status === 2) return ERROR
  if (alertType === 'warning' || status === 1 || status === 3) return WARNING
  return INFORMATION
}
