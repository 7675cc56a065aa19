import type { SinkOptions } from './options.ts'

/** Sinks that are given more than statistics. What none of those configured asks for is not made. */
type Type = SinkOptions['type']

/** The values of timers and the members of sets (FlushBatch.details). */
export const SINKS_WITH_DETAILS: ReadonlySet<Type> = new Set<Type>([])

/** What was received, as it came (Sink.packets). */
export const SINKS_WITH_PACKETS: ReadonlySet<Type> = new Set<Type>([])
