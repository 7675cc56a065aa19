import { encodeLogsJson, encodeOtlpJson } from '../../formats/otlp/encode-json.ts'
import { encodeLogsProtobuf, encodeOtlpProtobuf } from '../../formats/otlp/encode-protobuf.ts'
import { decodeAnswerJson, decodeAnswerProtobuf } from '../../formats/otlp/export-answer.ts'
import type { OtlpLog } from '../../formats/otlp/otlp-log.ts'
import type { OtlpAttribute, OtlpPoint } from '../../formats/otlp/otlp-point.ts'
import { formatSeriesKey } from '../../model/series-key.ts'
import { GrpcClient } from '../delivery/grpc-client.ts'
import { HttpSender, type RequestShape } from '../delivery/http-sender.ts'
import type { OtlpOptions } from '../otlp.ts'
import type { Sink, SinkContext, SinkResult } from '../sink.ts'
import { BatchPoints, type OtlpItem } from './batch-points.ts'
import { toLog } from './event-log.ts'
import { otlpReceiver } from './receiver.ts'

/** Sends data points by OTLP: as Protocol Buffers or JSON over HTTP, or by gRPC. */
export function createOtlpSink(options: OtlpOptions, context: SinkContext): Sink {
  const { name, protocol, compression, request_timeout: timeoutMs, concurrency } = options
  const resource = [...new Map([['service.name', 'kymo'], ...(options.resource ?? [])])]
  const isJson = protocol === 'http/json'
  const batchPoints = new BatchPoints({
    resource,
    resourceTags: options.resource_tags,
    temporality: options.temporality,
    timers: options.timers,
    mostBuckets: options.max_buckets,
  })
  const sender = new HttpSender({
    name,
    compression,
    timeoutMs,
    concurrency,
    context,
    ...(protocol === 'grpc'
      ? { client: new GrpcClient({ compression, timeoutMs, clock: context.clock }) }
      : {}),
  })
  const headers = { ...(isJson ? JSON_TYPE : protocol === 'grpc' ? {} : PROTOBUF_TYPE), ...options.headers }
  /** Cumulative values count on with each batch: one that is tried again is what it was. */
  let prepared: { readonly batch: object; readonly items: readonly OtlpItem[] } | undefined
  /** By batch: what of it was taken, and yet was not. */
  const rejected = new WeakMap<object, number>()

  async function send<Item>(
    batch: object,
    items: readonly Item[],
    shape: Omit<RequestShape<Item>, 'headers' | 'mostItems' | 'mostBytes'>,
    signal: AbortSignal,
  ): Promise<SinkResult> {
    const readAnswer: RequestShape<Item>['readAnswer'] = (answer, sent) => {
      const partly = isJson ? decodeAnswerJson(answer.text) : decodeAnswerProtobuf(answer.body)
      if (partly.rejected > 0) {
        // It does not say which: they stand for as many series as the others.
        const points = sent.reduce((sum, item) => sum + shape.pointsOf(item), 0)
        const refused = Math.round((points * Math.min(partly.rejected, sent.length)) / sent.length)
        rejected.set(batch, (rejected.get(batch) ?? 0) + refused)
        context.deadLetters.add(partly.message, [{ rejected: partly.rejected, of: sent.length }])
      }
      return []
    }
    const whole = { ...shape, headers, mostItems: MOST_ITEMS, mostBytes: MOST_BYTES, readAnswer }
    return sender.send(batch, items, whole, signal, () => rejected.get(batch) ?? 0)
  }

  const metricsShape = {
    url: addressOf(options, 'metrics'),
    encode: (items: readonly OtlpItem[]) => {
      const points = items.map(({ point }) => point)
      return isJson ? encodeOtlpJson(points, SCOPE) : encodeOtlpProtobuf(points, SCOPE)
    },
    bytesOf: ({ point }: OtlpItem) => bytesOfPoint(point) * (isJson ? JSON_FACTOR : 1),
    pointsOf: ({ seriesCount }: OtlpItem) => seriesCount,
    describe: ({ point: { name: metric, attributes, timeMs, data } }: OtlpItem) => ({
      key: formatSeriesKey(metric, attributes),
      timeMs,
      data,
    }),
  }
  const logsShape = {
    url: addressOf(options, 'logs'),
    encode: (logs: readonly OtlpLog[]) =>
      isJson ? encodeLogsJson(logs, SCOPE) : encodeLogsProtobuf(logs, SCOPE),
    bytesOf: (log: OtlpLog) =>
      100 + 2 * (log.body.length + log.eventName.length) + bytesOfAttributes(log.attributes),
    pointsOf: () => 1,
    describe: ({ eventName, timeMs }: OtlpLog) => ({ event: eventName, timeMs }),
  }

  return {
    name,
    async flush(batch, signal) {
      signal.throwIfAborted()
      if (prepared?.batch !== batch) prepared = { batch, items: batchPoints.flush(batch) }
      const result = await send(batch, prepared.items, metricsShape, signal)
      prepared = undefined
      return result
    },
    points: (batch, signal) => send(batch, [...batchPoints.points(batch)], metricsShape, signal),
    ...(options.events === 'logs'
      ? {
          events: (events, signal) =>
            send(
              events,
              events.map((event) => toLog(event, resource)),
              logsShape,
              signal,
            ),
        }
      : {}),
    close: async () => sender.close(),
  }
}

const SCOPE = 'kymo'
const MOST_ITEMS = 10_000
/** Receivers of gRPC take 4 MiB unless they are told otherwise. */
const MOST_BYTES = 2 * 1024 * 1024
const JSON_FACTOR = 3
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }

function addressOf(options: OtlpOptions, signalName: 'metrics' | 'logs'): URL {
  const address = otlpReceiver(options)
  if (options.protocol === 'grpc') {
    const service = signalName === 'metrics' ? 'MetricsService' : 'LogsService'
    return new URL(`/opentelemetry.proto.collector.${signalName}.v1.${service}/Export`, address.origin)
  }
  address.pathname = `${address.pathname.replace(/(\/v1\/metrics)?\/*$/, '')}/v1/${signalName}`
  return address
}

/** About: what a point takes at most. Names and resources are written once for many. */
function bytesOfPoint({ name, attributes, data }: OtlpPoint): number {
  const buckets =
    data.kind === 'exponential histogram' ? data.positive.counts.length + data.negative.counts.length : 0
  const quantiles = data.kind === 'summary' ? data.quantiles.length : 0
  return 100 + 3 * name.length + bytesOfAttributes(attributes) + 3 * buckets + 20 * quantiles
}

function bytesOfAttributes(attributes: readonly OtlpAttribute[]): number {
  return attributes.reduce((sum, [key, value]) => sum + 12 + 3 * (key.length + value.length), 0)
}
