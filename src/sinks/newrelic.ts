import * as z from 'zod'
import { choice, requiredSecret } from '../lib/option.ts'
import { parseSeriesKey, type SeriesKey } from '../model/series-key.ts'
import { defineSink } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { ENCODED_ITEMS, type EncodedItem, joinTexts } from './delivery/encoded-item.ts'
import { endpointOf } from './delivery/endpoint.ts'
import { compressionOption, httpOptions, optionalUrlOption } from './delivery/http-options.ts'
import type { RequestShape } from './delivery/http-sender.ts'
import { toObject } from './delivery/json-documents.ts'
import {
  type MetricReading,
  partedByFiniteness,
  problemOfValue,
  readingsOfFlush,
  readingsOfPoints,
} from './delivery/metric-readings.ts'
import { TimeWindow } from './delivery/time-window.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('newrelic'),
      ...deliveryOptions(),
      api_key: requiredSecret('License key of the account, for ingest.'),
      region: choice('Where the account is.', ['us', 'eu', 'gov'], 'us'),
      url: optionalUrlOption(
        'Address of the Metric API, where it is not that of the region: that of a proxy.',
      ),
      compression: compressionOption('gzip'),
      ...httpOptions(),
    })
    .meta({
      description:
        'Sends each flush to the Metric API of New Relic: counts, gauges and summaries. It was checked that requests are as its documentation has them; not tried against the real service.',
    })

// The limits of the Metric API.
const MOST_BYTES = 1_000_000
const MOST_NAME_CHARACTERS = 254
const MOST_ATTRIBUTES = 100
const MOST_KEY_CHARACTERS = 255
const MOST_VALUE_CHARACTERS = 4_096
const MOST_AGE_MS = 48 * 3_600_000
const MOST_AHEAD_MS = 24 * 3_600_000

const SERVERS = {
  us: 'https://metric-api.newrelic.com',
  eu: 'https://metric-api.eu.newrelic.com',
  gov: 'https://gov-metric-api.newrelic.com',
} as const

/**
 * Sends metrics to the Metric API.
 *
 *   [{"metrics":[{"name":"api.hits","type":"count","value":10,"timestamp":1700000000000,"interval.ms":10000,"attributes":{"env":"prod"}}]}]
 *
 * A rate is what a count and its interval say, a mean what a summary says: neither is sent besides.
 */
export const newrelicSink = defineSink({
  types: ['newrelic'],
  options,
  example: { api_key: 'YOUR-KEY' },
  async create(sink, context) {
    const { createHttpSender } = await import('./delivery/http-sender.ts')
    const { name } = sink
    const sender = createHttpSender(name, sink, context)
    const shape: RequestShape<EncodedItem> = {
      ...ENCODED_ITEMS,
      url: endpointOf(sink.url ?? SERVERS[sink.region], '/metric/v1'),
      headers: { 'content-type': 'application/json', 'api-key': sink.api_key, ...sink.headers },
      mostItems: Number.POSITIVE_INFINITY,
      // A comma stands behind each item, and brackets around all.
      mostBytes: MOST_BYTES - 100,
      bytesOf: (item) => ENCODED_ITEMS.bytesOf(item) + 1,
      encode: (items) => `[{"metrics":[${joinTexts(items, ',')}]}]`,
    }
    const window = new TimeWindow({
      mostAgeMs: MOST_AGE_MS,
      mostAheadMs: MOST_AHEAD_MS,
      clock: context.clock,
    })

    function* encodeReadings(readings: Iterable<MetricReading>, batch: object): Generator<EncodedItem> {
      const problemOfTime = window.judgeFor(batch)
      for (const reading of partedByFiniteness(readings)) {
        const item = encodeReading(reading)
        yield { ...item, problem: problemOfTime(reading.timeMs) ?? item.problem }
      }
    }

    return {
      name,
      flush: (batch, signal) =>
        sender.send(batch, encodeReadings(readingsOfFlush(batch), batch), shape, signal),
      points: (batch, signal) =>
        sender.send(batch, encodeReadings(readingsOfPoints(batch), batch), shape, signal),
      close: async () => sender.close(),
    }
  },
})

/** What New Relic calls a metric, without what all metrics of one reading have. */
interface Metric {
  readonly name: string
  readonly type: 'count' | 'gauge' | 'summary'
  readonly value: number | object
}

function encodeReading(reading: MetricReading): EncodedItem {
  const { metricKey, timeMs, intervalMs = 1_000 } = reading
  const { name, tags } = parseSeriesKey(metricKey)
  const attributes = toAttributes(metricKey)
  const metrics = toMetrics(name.toWellFormed(), reading)
  const text = metrics.map((metric) =>
    JSON.stringify({
      ...metric,
      // Counts and summaries are of an interval, and have the time that it began at.
      ...(metric.type === 'gauge'
        ? { timestamp: timeMs }
        : { timestamp: timeMs - intervalMs, 'interval.ms': intervalMs }),
      attributes,
    }),
  )
  return { text: text.join(','), source: reading, problem: problemOf(reading, metrics, tags.length) }
}

function toMetrics(name: string, { metricType, statistics }: MetricReading): Metric[] {
  const values = new Map(statistics)
  const gauge = (statistic: string, value: number): Metric => ({
    name: metricType === 'timer' || RATES.has(statistic) ? `${name}.${statistic}` : name,
    type: 'gauge',
    value,
  })
  const [count, sum, min, max] = ['count', 'sum', 'lower', 'upper'].map((statistic) => values.get(statistic))
  const hasCount = count !== undefined && metricType !== 'set'
  if (metricType !== 'timer') {
    return statistics.flatMap(([statistic, value]): Metric[] => {
      if (statistic === 'count' && hasCount) return [{ name, type: 'count', value }]
      return RATES.has(statistic) && hasCount ? [] : [gauge(statistic, value)]
    })
  }
  const hasSummary = hasCount && sum !== undefined && min !== undefined && max !== undefined
  const summary: Metric[] = hasSummary ? [{ name, type: 'summary', value: { count, sum, min, max } }] : []
  const rest = statistics.filter(([statistic]) => !(hasSummary && SUMMED.has(statistic)))
  return [...summary, ...rest.map(([statistic, value]) => gauge(statistic, value))]
}

const RATES = new Set(['rate', 'count_ps'])
/** What a summary says. */
const SUMMED = new Set(['count', 'sum', 'lower', 'upper', 'mean', 'count_ps'])

/** Of letters, digits, `_`, `.` and `:`. */
function toAttributes(key: SeriesKey): Record<string, string> {
  return toObject(
    parseSeriesKey(key).tags.map(([tagKey, value]) => [
      tagKey.replace(/[^A-Za-z0-9_.:]/g, '_').slice(0, MOST_KEY_CHARACTERS) || '_',
      value.slice(0, MOST_VALUE_CHARACTERS).toWellFormed(),
    ]),
  )
}

function problemOf(
  reading: MetricReading,
  metrics: readonly Metric[],
  attributeCount: number,
): string | undefined {
  if (attributeCount > MOST_ATTRIBUTES) return `it has more than ${MOST_ATTRIBUTES} tags`
  if (metrics.some(({ name }) => name.length > MOST_NAME_CHARACTERS))
    return `its name is longer than ${MOST_NAME_CHARACTERS} characters`
  return problemOfValue(reading)
}
