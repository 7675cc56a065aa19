import type { FlushBatch } from '../../model/flush-batch.ts'
import { BatchParts } from '../delivery/batch-parts.ts'
import { ENCODED_ITEMS, type EncodedItem, joinTexts } from '../delivery/encoded-item.ts'
import { endpointOf } from '../delivery/endpoint.ts'
import { createHttpSender, type RequestShape } from '../delivery/http-sender.ts'
import {
  type MetricReading,
  partedByFiniteness,
  readingsOfFlush,
  readingsOfPoints,
} from '../delivery/metric-readings.ts'
import { TimeWindow } from '../delivery/time-window.ts'
import type { DatadogOptions } from '../datadog.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { encodeCheck, encodeEvent } from './encode-event.ts'
import { encodeDistribution, encodeSeries, type SeriesOptions } from './encode-series.ts'

/** Datadog takes 512,000 bytes, and 5,242,880 of what they are when they are not compressed any more. */
const MOST_SENT_BYTES = 500_000
const MOST_BYTES = 5_000_000
const MOST_SERIES = 10_000
const DEFAULT_MAX_AGE_MS = 3_600_000
const MOST_AHEAD_MS = 600_000
const MOST_EVENT_AGE_MS = 18 * 3_600_000

/**
 * Sends series to the v2 API, and what that one does not take to v1: distributions, of which Datadog is sent the values, events one by one, and
 * service checks.
 */
export function createDatadogSink(options: DatadogOptions, context: SinkContext): Sink {
  const { name, host, compression, max_age: maxAgeMs = DEFAULT_MAX_AGE_MS } = options
  const base = options.url ?? `https://api.${options.site}`
  const headers = {
    'content-type': 'application/json',
    'dd-api-key': options.api_key,
    ...options.headers,
  }
  const sender = createHttpSender(name, options, context)
  const parts = new BatchParts()
  /** Metrics of which values came: what a flush without any says of them is not sent either. */
  let distributions: ReadonlySet<string> = new Set()
  const { clock } = context
  const window = new TimeWindow({ mostAgeMs: maxAgeMs, mostAheadMs: MOST_AHEAD_MS, clock })
  const eventWindow = new TimeWindow({
    mostAgeMs: MOST_EVENT_AGE_MS,
    mostAheadMs: Number.POSITIVE_INFINITY,
    clock,
  })

  const shapeOf = (
    path: string,
    more: Pick<RequestShape<EncodedItem>, 'encode'> & Partial<RequestShape<EncodedItem>>,
  ) => ({
    ...ENCODED_ITEMS,
    url: endpointOf(base, path),
    headers,
    mostItems: MOST_SERIES,
    mostBytes: compression === 'none' ? MOST_SENT_BYTES : MOST_BYTES,
    ...more,
  })
  const encode = (items: readonly EncodedItem[]): string => `{"series":[${joinTexts(items, ',')}]}`
  const shapes = {
    // The v2 API has a name of its own for it.
    series: shapeOf(
      '/api/v2/series',
      compression === 'zstd' ? { encode, headers: { ...headers, 'content-encoding': 'zstd1' } } : { encode },
    ),
    distributions: shapeOf('/api/v1/distribution_points', {
      encode,
      compression: 'deflate',
      mostBytes: MOST_BYTES,
    }),
    events: shapeOf('/api/v1/events', { encode: joinTexts, compression: 'none', mostItems: 1 }),
    checks: shapeOf('/api/v1/check_run', {
      encode: (items) => `[${joinTexts(items, ',')}]`,
      compression: 'none',
      mostBytes: MOST_SENT_BYTES,
    }),
  } satisfies Record<string, RequestShape<EncodedItem>>

  const seriesOptions = (batch: object): SeriesOptions => ({ host, problemOfTime: window.judgeFor(batch) })

  function* encodeReadings(readings: Iterable<MetricReading>, batch: object): Generator<EncodedItem> {
    const how = seriesOptions(batch)
    for (const reading of partedByFiniteness(readings)) yield encodeSeries(reading, how)
  }

  function flush(batch: FlushBatch, signal: AbortSignal): Promise<SinkResult> {
    const details = new Map(
      batch.details?.timers
        .filter(({ kind }) => kind === 'distribution')
        .map((detail) => [detail.metricKey, detail]),
    )
    const readings = readingsOfFlush(batch)
    const isDistribution = ({ metricKey, metricType }: MetricReading): boolean =>
      metricType === 'timer' && (details.has(metricKey) || distributions.has(metricKey))
    const distributed = readings.filter(isDistribution)
    distributions = new Set(distributed.map(({ metricKey }) => metricKey))
    const how = seriesOptions(batch)
    const items = distributed.flatMap((reading) => {
      const detail = details.get(reading.metricKey)
      return detail === undefined ? [] : [encodeDistribution(reading, detail, how)]
    })
    const rest = readings.filter((reading) => !isDistribution(reading))
    return parts.send(batch, [
      () => sender.send(batch, encodeReadings(rest, batch), shapes.series, signal),
      () => sender.send(batch, items, shapes.distributions, signal),
    ])
  }

  return {
    name,
    flush,
    points: (batch, signal) =>
      sender.send(batch, encodeReadings(readingsOfPoints(batch), batch), shapes.series, signal),
    events(events, signal) {
      const problemOfTime = eventWindow.judgeFor(events)
      const checks = events.filter(({ kind }) => kind === 'service_check')
      const others = events.filter(({ kind }) => kind !== 'service_check')
      return parts.send(events, [
        () =>
          sender.send(
            events,
            others.map((event) => encodeEvent(event, host, problemOfTime(event.timeMs))),
            shapes.events,
            signal,
          ),
        () =>
          sender.send(
            events,
            checks.map((event) => encodeCheck(event, host)),
            shapes.checks,
            signal,
          ),
      ])
    },
    close: async () => sender.close(),
  }
}
