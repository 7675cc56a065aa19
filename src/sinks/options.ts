import * as z from 'zod'
import { consoleOptions } from './console-options.ts'
import { graphiteOptions } from './graphite-options.ts'

/** The options of every sink that can be configured. Light: no sink is loaded for them. */
export const sinkOptions = z.discriminatedUnion('type', [consoleOptions, graphiteOptions])

export type SinkOptions = z.output<typeof sinkOptions>

/** Those that are given the values of timers and the members of sets (FlushBatch.details). */
export const SINKS_WITH_DETAILS: ReadonlySet<SinkOptions['type']> = new Set([])

/** Those that are given what was received as it came (Sink.packets). */
export const SINKS_WITH_PACKETS: ReadonlySet<SinkOptions['type']> = new Set([])

/** The label of the sink in logs and own metrics. */
export function sinkName(options: SinkOptions): string {
  return options.name ?? options.type
}
