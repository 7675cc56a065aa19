import * as z from 'zod'
import { choice, integer, tagMap } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { httpOptions, optionalUrlOption } from './delivery/http-options.ts'
import { otlpReceiver } from './otlp/receiver.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('otlp'),
      ...deliveryOptions(),
      protocol: choice(
        'How metrics travel: Protocol Buffers or JSON over HTTP, or gRPC.',
        ['http/protobuf', 'http/json', 'grpc'],
        'http/protobuf',
      ),
      url: optionalUrlOption(
        'Address of the receiver, without `/v1/metrics`, which is added. `http://localhost:4318` if not given, by gRPC `http://localhost:4317`; with https, TLS.',
      ),
      ...httpOptions(),
      compression: choice('How the bodies of requests are compressed.', ['none', 'gzip'], 'gzip'),
      temporality: choice(
        'What counters and histograms count: `delta` what came in each interval, `cumulative` all since the metric came first. Prometheus wants `cumulative`.',
        ['delta', 'cumulative'],
        'delta',
      ),
      timers: choice(
        'What timers become: `exponential_histogram` of all their values, or `summary` of their statistics.',
        ['exponential_histogram', 'summary'],
        'exponential_histogram',
      ),
      max_buckets: integer(
        'How many buckets a histogram may have on each side of 0. With more, its buckets are made wider: at best they are 2.2 % wide.',
        160,
        { min: 8, max: 2048 },
      ),
      resource: tagMap(
        'Attributes of the resource that all metrics belong to. `service.name` is `kymo` unless it is here.',
      ),
      resource_tags: z.array(z.string().min(1).max(200)).max(100).prefault([]).meta({
        description:
          'Tags that become attributes of the resource, and not of the metric: `host.name`, `service.name`.',
      }),
      events: choice(
        'What becomes of events: `none` are sent, or they go as `logs` to `/v1/logs`, or that service of gRPC.',
        ['none', 'logs'],
        'none',
      ),
    })
    .meta({
      description: 'Sends each flush by OTLP, to an OpenTelemetry Collector or to what else takes it.',
    })

export type OtlpOptions = NamedOptions<typeof options>

export const otlpSink = defineSink({
  types: ['otlp'],
  options,
  example: { url: 'http://collector.example.net:4318' },
  wants: () => ({ details: true }),
  peers(sink) {
    const { hostname, port } = otlpReceiver(sink)
    const wire = sink.protocol === 'grpc' ? 'otlp-grpc' : 'otlp-http'
    return [{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), wire }]
  },
  async create(sink, context) {
    const { createOtlpSink } = await import('./otlp/otlp-sink.ts')
    return createOtlpSink(sink, context)
  },
})
