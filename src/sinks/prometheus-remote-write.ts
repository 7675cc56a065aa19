import * as z from 'zod'
import { choice, integer } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { basicAuthOptions, httpOptions, tokenOption, urlOption } from './delivery/http-options.ts'
import type { Mapping } from './prometheus/mapping.ts'
import { mappingOptions, wantsOfMapping } from './prometheus/mapping-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('prometheus-remote-write'),
      ...deliveryOptions(),
      url: urlOption('Where samples are written.', 'http://localhost:9090/api/v1/write'),
      version: choice(
        'Of the protocol. 2.0 says as well what type a metric is, and needs Prometheus 3 or something else that takes it.',
        ['1.0', '2.0'],
        '1.0',
      ),
      samples_per_request: integer('The most samples in one request.', 2_000, { min: 1, max: 100_000 }),
      // Samples of a series have to arrive in their order, so requests do not go side by side.
      headers: httpOptions().headers,
      request_timeout: httpOptions().request_timeout,
      ...basicAuthOptions(),
      ...tokenOption(),
      ...mappingOptions(),
    })
    .meta({
      description:
        'Writes to Prometheus, or to what takes its remote write: at each flush a sample of every series that a scrape of the sink `prometheus` would get. Points with their own times are written as they are.',
    })

/** `mapping` is what `mapping_config` says. */
export type PrometheusRemoteWriteOptions = NamedOptions<typeof options> & {
  readonly mapping?: Mapping
}

export const prometheusRemoteWriteSink = defineSink({
  types: ['prometheus-remote-write'],
  options,
  example: { url: 'http://prometheus.example.net:9090/api/v1/write' },
  wants: wantsOfMapping,
  async create(sink: PrometheusRemoteWriteOptions, context) {
    const { createPrometheusRemoteWriteSink } = await import('./prometheus/remote-write-sink.ts')
    return createPrometheusRemoteWriteSink(sink, context)
  },
})
