import { encodeRequest, type SentSample } from '../../formats/prometheus-remote-write/encode-request.ts'
import { REMOTE_WRITE_HEADERS } from '../../formats/prometheus-remote-write/version.ts'
import { encodeSnappy } from '../../lib/snappy.ts'
import type { FlushBatch } from '../../model/flush-batch.ts'
import type { Label } from '../../model/metric-family.ts'
import type { PointBatch } from '../../model/point.ts'
import type { SeriesIdentity } from '../../model/series-identity.ts'
import { authorization } from '../delivery/http-options.ts'
import { HttpSender, type RequestShape } from '../delivery/http-sender.ts'
import type { PrometheusRemoteWriteOptions } from '../prometheus-remote-write.ts'
import type { Sink, SinkContext } from '../sink.ts'
import { Exporter } from './exporter.ts'
import { ExporterFeed } from './exporter-feed.ts'
import { FamilySamples } from './family-samples.ts'
import { NO_MAPPING } from './mapping.ts'
import { pointLabels } from './point-labels.ts'

const MOST_BODY_BYTES = 4 * 1024 * 1024

/**
 * Writes samples by Prometheus' remote write. It adds up as the sink `prometheus` does, so that counters only rise: a flush is
 * added once, however often it is sent. A series that is forgotten ends with a stale marker.
 */
export function createPrometheusRemoteWriteSink(
  options: PrometheusRemoteWriteOptions,
  context: SinkContext,
): Sink {
  const { name, version } = options
  // The time of what is being sent: a batch that is sent again is the same again.
  let nowMs = 0
  let taken:
    | { readonly timestampMs: number; readonly refused: number; readonly ended: readonly SentSample[] }
    | undefined
  const exporter = new Exporter(options.mapping ?? NO_MAPPING, {
    mostSeries: options.max_series,
    nowMs: () => nowMs,
  })
  const feed = new ExporterFeed(exporter, context.log)
  const samples = new FamilySamples()
  const labels = new WeakMap<SeriesIdentity, readonly Label[]>()
  const sender = new HttpSender({
    name,
    compression: 'none',
    timeoutMs: options.request_timeout,
    // Samples of a series have to arrive in their order.
    concurrency: 1,
    context,
  })
  const shape: RequestShape<SentSample> = {
    url: new URL(options.url),
    headers: { ...REMOTE_WRITE_HEADERS[version], ...authorization(options), ...options.headers },
    mostItems: options.samples_per_request,
    mostBytes: MOST_BODY_BYTES,
    bytesOf: (sample) =>
      sample.labels.reduce((bytes, [key, value]) => bytes + key.length + value.length + 8, 32),
    pointsOf: () => 1,
    encode: (items) => encodeSnappy(encodeRequest(items, version)),
    describe: ({ labels: described, value, timeMs }) => ({
      labels: Object.fromEntries(described),
      value,
      timeMs,
    }),
  }

  function take(batch: FlushBatch): NonNullable<typeof taken> {
    // One that has waited on disk is another object each time; its time is that of no other.
    if (taken?.timestampMs === batch.timestampMs) return taken
    nowMs = batch.timestampMs
    const refused = feed.take(batch)
    const ended = exporter
      .expire()
      .flatMap(({ family, series }) =>
        [...samples.seriesSamples(family, series, nowMs)].map((sample) => ({ ...sample, isStale: true })),
      )
    taken = { timestampMs: nowMs, refused, ended }
    return taken
  }

  function* samplesOfFlush({ ended }: NonNullable<typeof taken>): Generator<SentSample> {
    yield* ended
    yield* samples.samplesOf(exporter.families(), nowMs)
  }

  function* samplesOfPoints({ series, timesMs, values }: PointBatch): Generator<SentSample> {
    for (const [index, identity] of series.entries()) {
      const known = labels.get(identity)
      const own = known ?? pointLabels(identity.key)
      if (known === undefined) labels.set(identity, own)
      yield { labels: own, value: values[index] ?? 0, timeMs: timesMs[index] ?? 0, type: 'untyped', help: '' }
    }
  }

  return {
    name,
    async flush(batch, signal) {
      signal.throwIfAborted()
      const now = take(batch)
      const { refusedPoints, sending } = await sender.send(batch, samplesOfFlush(now), shape, signal)
      return {
        refusedPoints: Math.min(now.refused + refusedPoints, batch.series.length),
        ...(sending === undefined ? {} : { sending }),
      }
    },
    points: (batch, signal) => sender.send(batch, samplesOfPoints(batch), shape, signal),
    close: async () => sender.close(),
  }
}
