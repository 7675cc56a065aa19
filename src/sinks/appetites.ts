import type { SinkOptions } from './options.ts'

/** Sinks that are given more than statistics. What none of those configured asks for is not made. */
type Type = SinkOptions['type']

/** The values of timers and the members of sets (FlushBatch.details). */
export const SINKS_WITH_DETAILS: ReadonlySet<Type> = new Set<Type>(['otlp'])

/** What was received, as it came (Sink.packets). */
export const SINKS_WITH_PACKETS: ReadonlySet<Type> = new Set<Type>([])

/** The same, with who sent it. */
export const SINKS_WITH_SENDERS: ReadonlySet<Type> = new Set<Type>([])

/** What those that take in are to copy for the sinks. */
export function packetsWanted(sinks: readonly SinkOptions[]): 'off' | 'packets' | 'packets-and-senders' {
  if (sinks.some(({ type }) => SINKS_WITH_SENDERS.has(type))) return 'packets-and-senders'
  return sinks.some(({ type }) => SINKS_WITH_PACKETS.has(type)) ? 'packets' : 'off'
}
