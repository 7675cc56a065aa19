import type { SinkOptions } from './options.ts'
import type { Mapping } from './prometheus/mapping.ts'

/** Sinks that are given more than statistics. What none of those configured asks for is not made. */
type Type = SinkOptions['type']

/** The values of timers and the members of sets (FlushBatch.details). */
export const SINKS_WITH_DETAILS: ReadonlySet<Type> = new Set<Type>([
  'cloudwatch',
  'datadog',
  'otlp',
  'prometheus',
  'prometheus-remote-write',
  'statsd',
  'statsd-backend',
])

/** What was received, as it came (Sink.packets). */
export const SINKS_WITH_PACKETS: ReadonlySet<Type> = new Set<Type>(['statsd-repeater'])

export function wantsDetails(sink: SinkOptions): boolean {
  return SINKS_WITH_DETAILS.has(sink.type) || (sink.type === 'module' && sink.details)
}

/** Which gauges had no sample in an interval: for what is to forget them after a time. */
export function wantsIdleGauges({ mapping }: SinkOptions & { readonly mapping?: Mapping }): boolean {
  return mapping !== undefined && [mapping.defaults, ...mapping.rules].some(({ ttlMs }) => ttlMs > 0)
}

/** What those that take in are to copy for the sinks. */
export function packetsWanted(sinks: readonly SinkOptions[]): 'off' | 'packets' | 'packets-and-senders' {
  // Modules want to know who sent them.
  const isModuleAsking = sinks.some((sink) => 'module' in sink && sink.packets)
  if (isModuleAsking) return 'packets-and-senders'
  return sinks.some(({ type }) => SINKS_WITH_PACKETS.has(type)) ? 'packets' : 'off'
}
