import * as z from 'zod'
import { cloudwatchOptions } from './cloudwatch-options.ts'
import { consoleOptions } from './console-options.ts'
import { datadogOptions } from './datadog-options.ts'
import { elasticsearchOptions } from './elasticsearch-options.ts'
import { fileOptions } from './file-options.ts'
import { graphiteOptions } from './graphite-options.ts'
import { httpSinkOptions } from './http-options.ts'
import { influxdbOptions } from './influxdb-options.ts'
import { newrelicOptions } from './newrelic-options.ts'
import { nrdpOptions } from './nrdp-options.ts'
import { nscaOptions } from './nsca-options.ts'
import { otlpOptions } from './otlp-options.ts'
import { kafkaOptions } from './kafka-options.ts'
import { moduleOptions } from './module-options.ts'
import { natsOptions } from './nats-options.ts'
import { statsdBackendOptions } from './statsd-backend-options.ts'
import { statsdOptions } from './statsd-options.ts'
import { statsdRepeaterOptions } from './statsd-repeater-options.ts'
import { prometheusOptions } from './prometheus-options.ts'
import { prometheusRemoteWriteOptions } from './prometheus-remote-write-options.ts'

/** The options of every sink that can be configured. Light: no sink is loaded for them. */
export const sinkOptions = z.discriminatedUnion('type', [
  cloudwatchOptions,
  consoleOptions,
  datadogOptions,
  elasticsearchOptions,
  fileOptions,
  graphiteOptions,
  httpSinkOptions,
  influxdbOptions,
  newrelicOptions,
  nrdpOptions,
  nscaOptions,
  otlpOptions,
  kafkaOptions,
  moduleOptions,
  natsOptions,
  statsdBackendOptions,
  statsdOptions,
  statsdRepeaterOptions,
  prometheusOptions,
  prometheusRemoteWriteOptions,
])

export type SinkOptions = z.output<typeof sinkOptions>

/** `name` is that of no other. */
export type NamedSinkOptions = SinkOptions & { readonly name: string }

/** One that is configured is several where it has several destinations: each has a queue of its own, and trouble of its own. */
export function namedSinks(options: SinkOptions): NamedSinkOptions[] {
  const name = sinkName(options)
  if (options.type !== 'graphite' || options.destinations === undefined) return [{ ...options, name }]
  return options.destinations.map((_, destination) => ({
    ...options,
    name: `${name}-${destination + 1}`,
    destination,
  }))
}

/** The label of the sink in logs and own metrics. */
export function sinkName(options: SinkOptions): string {
  return options.name ?? options.type
}
