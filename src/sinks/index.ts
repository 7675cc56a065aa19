import type { SinkOptions } from './options.ts'
import type { Sink, SinkContext } from './sink.ts'

/**
 * The sinks that can be configured, each loaded when it is first asked for. A sink is `<name>.ts`, which exports
 * `create`, and `<name>-options.ts`. The store's sink is not here: it is made by whoever opens the store.
 */
export const SINKS: { readonly [Type in SinkOptions['type']]: () => Promise<SinkModule<Type>> } = {
  cloudwatch: () => import('./cloudwatch.ts'),
  datadog: () => import('./datadog.ts'),
  elasticsearch: () => import('./elasticsearch.ts'),
  file: () => import('./file.ts'),
  graphite: () => import('./graphite.ts'),
  http: () => import('./http.ts'),
  influxdb: () => import('./influxdb.ts'),
  newrelic: () => import('./newrelic.ts'),
  nrdp: () => import('./nrdp.ts'),
  nsca: () => import('./nsca.ts'),
  otlp: () => import('./otlp.ts'),
  kafka: () => import('./kafka.ts'),
  module: () => import('./module.ts'),
  nats: () => import('./nats.ts'),
  'statsd-backend': () => import('./statsd-backend.ts'),
  statsd: () => import('./statsd.ts'),
  'statsd-repeater': () => import('./statsd-repeater.ts'),
  prometheus: () => import('./prometheus.ts'),
  'prometheus-remote-write': () => import('./prometheus-remote-write.ts'),
  stderr: () => import('./console.ts'),
  stdout: () => import('./console.ts'),
}

interface SinkModule<Type> {
  create(options: SinkOptions & { readonly type: Type }, context: SinkContext): Sink
}

export async function createSink(options: SinkOptions, context: SinkContext): Promise<Sink> {
  // The table pairs each type with the module that takes its options; the compiler loses the pair at the lookup.
  const load = SINKS[options.type] as () => Promise<SinkModule<SinkOptions['type']>>
  const sinkModule = await load()
  return sinkModule.create(options, context)
}
