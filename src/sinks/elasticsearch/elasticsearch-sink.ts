import { hash } from 'node:crypto'
import type { MetricEvent } from '../../model/event.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { ENCODED_ITEMS, type EncodedItem, joinTexts } from '../delivery/encoded-item.ts'
import { endpointOf } from '../delivery/endpoint.ts'
import type { HttpAnswer } from '../delivery/http-client.ts'
import { authorization } from '../delivery/http-options.ts'
import { createHttpSender, type RefusedItem, type RequestShape } from '../delivery/http-sender.ts'
import { eventDocument, metricDocument } from '../delivery/json-documents.ts'
import { RequestRefused } from '../delivery/judge-answer.ts'
import {
  type MetricReading,
  partedByFiniteness,
  problemOfValue,
  readingsOfFlush,
  readingsOfPoints,
} from '../delivery/metric-readings.ts'
import type { ElasticsearchOptions } from '../elasticsearch.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { DATE } from './date-pattern.ts'
import { readBulkAnswer } from './bulk-answer.ts'
import { indexTemplate } from './index-template.ts'

const MOST_DOCUMENTS = 5_000
/** Elasticsearch advises 5 to 15 MB, and takes 100 MB. */
const MOST_BYTES = 8_000_000
/** A document is answered by some 30 bytes, one that is refused by up to a few thousand. */
const MOST_ANSWER_BYTES = 32_000_000

/**
 * Writes documents by the bulk API.
 *
 *   {"create":{"_index":"metrics-kymo-default","_id":"q83vEjRWeJCrze8SNFZ4kA"}}
 *   {"@timestamp":"2023-11-14T22:13:30.000Z","interval_ms":10000,"metric":"api.hits","type":"counter","tags":{"env":"prod"},"statistics":{"count":10}}
 *
 * A document's id is made of what it says, so one that is sent again, because its answer was lost, is there already: that is an answer too.
 */
export function createElasticsearchSink(options: ElasticsearchOptions, context: SinkContext): Sink {
  const { name, url, index, events_index: eventsIndex, pipeline } = options
  const address = new URL(url).origin
  const sender = createHttpSender(name, options, context)
  const authorizing = authorization(
    options.api_key === undefined ? options : { scheme: 'ApiKey', token: options.api_key },
  )
  const shape: RequestShape<EncodedItem> = {
    ...ENCODED_ITEMS,
    url: endpointOf(url, '/_bulk', { filter_path: 'errors,items.*.status,items.*.error', pipeline }),
    headers: { 'content-type': 'application/x-ndjson', ...authorizing, ...options.headers },
    mostItems: MOST_DOCUMENTS,
    mostBytes: MOST_BYTES,
    encode: joinTexts,
    mostAnswerBytes: MOST_ANSWER_BYTES,
    readAnswer,
  }
  let isTemplateThere = !options.put_template

  function readAnswer(answer: HttpAnswer, items: readonly EncodedItem[]): RefusedItem<EncodedItem>[] {
    const refused = readBulkAnswer(answer.text, items)
    if (refused === undefined) {
      const reason = `it answers what is no answer to a bulk request: ${answer.text.slice(0, 100)}`
      throw new KymoError('sink-denied', { name, address, reason })
    }
    return refused
  }

  async function putTemplate(signal: AbortSignal): Promise<void> {
    if (isTemplateThere) return
    const path = `/_index_template/${encodeURIComponent(options.template)}`
    const request = {
      method: 'PUT',
      url: endpointOf(url, path, { create: 'true' }),
      headers: { 'content-type': 'application/json', ...authorizing, ...options.headers },
      body: Buffer.from(JSON.stringify(indexTemplate(options))),
      compression: 'none',
    } as const
    try {
      await sender.exchange(request, signal)
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error
      // One that is there may have been changed by somebody who knows better.
      if (!error.message.includes('already exists')) {
        const reason = `it does not take the index template "${options.template}": ${error.message}`
        throw new KymoError('sink-denied', { name, address, reason })
      }
    }
    isTemplateThere = true
  }

  async function send(batch: object, items: Iterable<EncodedItem>, signal: AbortSignal) {
    await putTemplate(signal)
    return await sender.send(batch, items, shape, signal)
  }

  return {
    name,
    flush: (batch, signal) => send(batch, encodeReadings(readingsOfFlush(batch), index), signal),
    points: (batch, signal) => send(batch, encodeReadings(readingsOfPoints(batch), index), signal),
    events: (events, signal) => send(events, encodeEvents(events, eventsIndex), signal),
    close: async () => sender.close(),
  }
}

function* encodeReadings(readings: Iterable<MetricReading>, index: string): Generator<EncodedItem> {
  for (const reading of partedByFiniteness(readings)) {
    const { tags, statistics, ...metric } = metricDocument(reading)
    const document = {
      interval_ms: reading.intervalMs,
      ...metric,
      tags: renameKeys(tags),
      statistics: renameKeys(statistics),
    }
    yield encode(document, reading, index, problemOfValue(reading))
  }
}

function* encodeEvents(events: readonly MetricEvent[], index: string): Generator<EncodedItem> {
  for (const event of events) yield encode(eventDocument(event), event, index)
}

function encode(
  document: object,
  source: MetricReading | MetricEvent,
  index: string,
  problem?: string,
): EncodedItem {
  if (Math.abs(source.timeMs) > MOST_DATE_MS)
    return { text: '', source, problem: 'its time is out of all range' }
  const time = new Date(source.timeMs).toISOString()
  const body = JSON.stringify({ '@timestamp': time, ...document })
  const action = { create: { _index: formatIndex(index, time), _id: hash('md5', body, 'base64url') } }
  return { text: `${JSON.stringify(action)}\n${body}\n`, source, problem }
}

/** `kymo-{yyyy.MM}` -> `kymo-2023.11`. */
function formatIndex(index: string, time: string): string {
  if (!index.includes('{')) return index
  const parts: Readonly<Record<string, string>> = {
    yyyy: time.slice(0, 4),
    MM: time.slice(5, 7),
    dd: time.slice(8, 10),
    HH: time.slice(11, 13),
  }
  return index.replace(DATE, (_, pattern: string) =>
    pattern.replace(/[a-zA-Z]+/g, (part) => parts[part] ?? part),
  )
}

/** A dot would make a section of a key, and one key may be the section of another; an empty key is refused. */
function renameKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  const entries = Object.entries(values)
  if (!entries.some(([key]) => key.includes('.') || key.trim() === '')) return values
  const renamed = Object.create(null) as Record<string, Value>
  for (const [key, value] of entries) renamed[key.replaceAll('.', '_').trim() || '_'] = value
  return renamed
}

const MOST_DATE_MS = 8.64e15
