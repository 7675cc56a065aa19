import { createHmac, hash } from 'node:crypto'
import type { MetricEvent } from '../../model/event.ts'
import { ENCODED_ITEMS, type EncodedItem, joinTexts } from '../delivery/encoded-item.ts'
import { authorization } from '../delivery/http-options.ts'
import { createHttpSender, type RequestShape } from '../delivery/http-sender.ts'
import { eventDocument, metricDocument } from '../delivery/json-documents.ts'
import { type MetricReading, readingsOfFlush, readingsOfPoints } from '../delivery/metric-readings.ts'
import type { HttpSinkOptions } from '../http.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { type BodyPart, parseBodyTemplate } from './body-template.ts'

/**
 * Sends a whole flush in one request, to whoever wants that:
 *
 *   {"kind":"flush","timestamp":1700000010,"interval_ms":10000,"metrics":[{"metric":"api.hits","type":"counter",...}]}
 *
 * A request that is refused is given up whole: what reads it takes a payload or does not, and no metric in it is to blame.
 */
export function createHttpSink(options: HttpSinkOptions, context: SinkContext): Sink {
  const { name, signing_key: key } = options
  const template = parseBodyTemplate(options.body)
  if (template === undefined) throw new Error('BUG: the template of a body was not checked')
  const sender = createHttpSender(name, options, context)
  const shape: RequestShape<EncodedItem> = {
    ...ENCODED_ITEMS,
    url: new URL(options.url),
    method: options.method,
    headers: { 'content-type': 'application/json', ...authorization(options), ...options.headers },
    mostItems: options.max_metrics ?? Number.POSITIVE_INFINITY,
    mostBytes: options.max_body,
    isIndivisible: true,
    encode: (items) => template.fill((part) => BODY[part](items)),
    sign: (body) => ({
      // The same when a payload is sent again.
      'x-kymo-delivery': hash('sha256', body).slice(0, 32),
      ...(key === undefined ? {} : sign(key, body, context.clock.nowMs())),
    }),
  }
  return {
    name,
    flush: (batch, signal) => sender.send(batch, encodeMetrics(readingsOfFlush(batch)), shape, signal),
    points: (batch, signal) => sender.send(batch, encodeMetrics(readingsOfPoints(batch)), shape, signal),
    events: (events, signal) => sender.send(events, encodeEvents(events), shape, signal),
    close: async () => sender.close(),
  }
}

function* encodeMetrics(readings: Iterable<MetricReading>): Generator<EncodedItem> {
  for (const source of readings) {
    const own = source.intervalMs === undefined ? { timestamp: source.timeMs / 1000 } : {}
    yield { text: JSON.stringify({ ...own, ...metricDocument(source) }), source }
  }
}

function* encodeEvents(events: readonly MetricEvent[]): Generator<EncodedItem> {
  for (const source of events)
    yield { text: JSON.stringify({ timestamp: source.timeMs / 1000, ...eventDocument(source) }), source }
}

type Items = readonly EncodedItem[]

/** All items of a request are of one kind, and those of a flush of one time. */
const BODY: Readonly<Record<BodyPart, (items: Items) => string>> = {
  json: (items) => {
    const isEvents = kindOf(items) === 'events'
    const flushed = kindOf(items) === 'flush' ? (['timestamp', 'interval_ms'] as const) : []
    const parts = ['kind', ...flushed, isEvents ? 'events' : 'metrics'] as const
    return `{${parts.map((part) => `"${part}":${BODY[part](items)}`).join(',')}}`
  },
  kind: (items) => JSON.stringify(kindOf(items)),
  timestamp: (items) => (kindOf(items) === 'flush' ? String((items[0]?.source.timeMs ?? 0) / 1000) : 'null'),
  interval_ms: (items) => String(intervalOf(items) ?? null),
  metrics: (items) => (kindOf(items) === 'events' ? '[]' : `[${joinTexts(items, ',')}]`),
  events: (items) => (kindOf(items) === 'events' ? `[${joinTexts(items, ',')}]` : '[]'),
  text: (items) => JSON.stringify(items.map(({ source }) => toText(source)).join('\n')),
}

function kindOf(items: Items): 'flush' | 'points' | 'events' {
  const source = items[0]?.source
  if (source !== undefined && 'kind' in source) return 'events'
  return intervalOf(items) === undefined ? 'points' : 'flush'
}

function intervalOf([first]: Items): number | undefined {
  return first === undefined || 'kind' in first.source ? undefined : first.source.intervalMs
}

/** `api.hits;env=prod counter count 10 rate 1` */
function toText(source: MetricReading | MetricEvent): string {
  if ('kind' in source) return `${source.kind} ${source.title}${source.text === '' ? '' : `: ${source.text}`}`
  const statistics = source.statistics.map(([statistic, value]) => `${statistic} ${value}`)
  return [source.metricKey, source.metricType, ...statistics].join(' ')
}

/** Of the body before it is compressed; the time lets whoever checks it refuse what is old. */
function sign(key: string, body: Uint8Array, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const digest = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest('hex')
  return { 'x-kymo-timestamp': timestamp, 'x-kymo-signature': `sha256=${digest}` }
}
