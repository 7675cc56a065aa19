import { hash } from 'node:crypto'
import { encodeFields, encodeSeries, formatTime } from '../../formats/influx-line/encode-line.ts'
import type { MetricEvent } from '../../model/event.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { parseSeriesKey, type Tag } from '../../model/series-key.ts'
import { ENCODED_ITEMS, type EncodedItem, joinTexts } from '../delivery/encoded-item.ts'
import { endpointOf } from '../delivery/endpoint.ts'
import { authorization } from '../delivery/http-options.ts'
import { createHttpSender, type RequestShape } from '../delivery/http-sender.ts'
import {
  type MetricReading,
  partedByFiniteness,
  problemOfValue,
  readingsOfFlush,
  readingsOfPoints,
} from '../delivery/metric-readings.ts'
import type { InfluxdbOptions } from '../influxdb.ts'
import type { Sink, SinkContext } from '../sink.ts'

/** As InfluxDB advises. */
const MOST_LINES = 5_000
const MOST_BYTES = 10_000_000
/** InfluxDB takes 65,535 bytes of measurement and tags; what is added to a name is less than the difference. */
const MOST_KEY_BYTES = 65_000

/**
 * Writes line protocol. A point that is written twice is there once, so whatever is sent again does no harm.
 *
 * A metric and its statistics are one point: `api.time,env=prod,metric_type=timer count=5,upper_90=17`. The tag keeps a counter
 * and a timer of one name apart, whose fields have the same names.
 */
export function createInfluxdbSink(options: InfluxdbOptions, context: SinkContext): Sink {
  const { name, precision } = options
  const sender = createHttpSender(name, options, context)
  const shapeOf = (unit: Precision): RequestShape<EncodedItem> => ({
    ...ENCODED_ITEMS,
    url: API[options.version as 1 | 2 | 3](options, unit),
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...authorization({ ...options, scheme: options.version === 3 ? 'Bearer' : 'Token' }),
      ...options.headers,
    },
    mostItems: MOST_LINES,
    mostBytes: MOST_BYTES,
    encode: joinTexts,
  })
  const shape = shapeOf(precision)
  const names: WireNames = new WeakMap()
  const eventShape = shapeOf('ns')

  return {
    name,
    flush: (batch, signal) =>
      sender.send(batch, encodeReadings(readingsOfFlush(batch), precision, names), shape, signal),
    points: (batch, signal) =>
      sender.send(batch, encodeReadings(readingsOfPoints(batch), precision, names), shape, signal),
    events: (events, signal) =>
      sender.send(events, encodeEvents(events, options.events_measurement), eventShape, signal),
    close: async () => sender.close(),
  }
}

type Precision = InfluxdbOptions['precision']

const API: Readonly<Record<1 | 2 | 3, (options: InfluxdbOptions, precision: Precision) => URL>> = {
  1: ({ url, database, retention_policy: rp, consistency }, precision) =>
    endpointOf(url, '/write', {
      db: database,
      rp,
      consistency,
      precision: precision === 'us' ? 'u' : precision,
    }),
  2: ({ url, org, bucket }, precision) => endpointOf(url, '/api/v2/write', { org, bucket, precision }),
  3: ({ url, database }, precision) =>
    endpointOf(url, '/api/v3/write_lp', { db: database, precision: PRECISION_NAMES[precision] }),
}

const PRECISION_NAMES = { ms: 'millisecond', s: 'second', us: 'microsecond', ns: 'nanosecond' } as const

/** Measurement and tags of each metric, worked out once. */
type WireNames = WeakMap<SeriesIdentity, string>

function* encodeReadings(
  readings: Iterable<MetricReading>,
  precision: Precision,
  names: WireNames,
): Generator<EncodedItem> {
  for (const reading of partedByFiniteness(readings)) {
    const name = wireName(reading, names)
    const text = `${name} ${encodeFields(reading.statistics)} ${formatTime(reading.timeMs, precision)}\n`
    const isTooLong = Buffer.byteLength(name) > MOST_KEY_BYTES
    yield {
      text,
      source: reading,
      problem: isTooLong ? 'its name and tags are too long' : problemOfValue(reading),
    }
  }
}

function wireName({ identity, metricKey, metricType }: MetricReading, names: WireNames): string {
  const known = names.get(identity)
  if (known !== undefined) return known
  const { name: measurement, tags } = parseSeriesKey(metricKey)
  const ownTags = metricType === 'untyped' ? tags : withTag(tags, 'metric_type', metricType)
  const name = encodeSeries(measurement, ownTags, isStatistic)
  names.set(identity, name)
  return name
}

/** Whether a field may have this name, now or with other settings: a tag keeps its key whichever. */
function isStatistic(key: string): boolean {
  return STATISTIC.test(key)
}

const STATISTIC =
  /^(?:(?:count|rate|value|count_ps|lower|upper|mean|median|std|sum|sum_squares)(?:_(?:top)?[\d_]+)?|histogram\.bin_.*)$/

/** A tag of its own that has this key gets another. */
function withTag(tags: readonly Tag[], key: string, value: string): Tag[] {
  return [...tags.map(([own, text]): Tag => [own === key ? `${own}_` : own, text]), [key, value]]
}

function* encodeEvents(events: readonly MetricEvent[], measurement: string): Generator<EncodedItem> {
  for (const event of events) {
    const { kind, title, text, hostname, sourceType, priority, alertType, aggregationKey, status } = event
    const own: readonly (readonly [string, string | undefined])[] = [
      ['kind', kind],
      ['host', hostname],
      ['source_type', sourceType],
      ['priority', priority],
      ['alert_type', alertType],
    ]
    const known = own.filter((tag): tag is Tag => tag[1] !== undefined)
    const fields: [string, string | number][] = [
      ['title', title],
      ['text', text],
    ]
    if (aggregationKey !== undefined) fields.push(['aggregation_key', aggregationKey])
    if (status !== undefined) fields.push(['status', status])
    const tags = event.tags.map(([key, value]): Tag => [key, value === '' ? 'true' : value])
    // Two events of one millisecond and the same tags would be one: what they say parts them, within the millisecond.
    const place = Number.parseInt(hash('sha256', `${title}\n${text}`).slice(0, 8), 16) % 1_000_000
    const time = String(BigInt(Math.round(event.timeMs)) * 1_000_000n + BigInt(place))
    const series = encodeSeries(measurement, known.reduce(addTag, tags), (key) => EVENT_FIELDS.has(key))
    yield { text: `${series} ${encodeFields(fields)} ${time}\n`, source: event }
  }
}

const addTag = (tags: Tag[], [key, value]: Tag): Tag[] => withTag(tags, key, value)

const EVENT_FIELDS = new Set(['title', 'text', 'aggregation_key', 'status'])
