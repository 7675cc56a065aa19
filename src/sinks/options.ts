import * as z from 'zod'
import { consoleOptions } from './console-options.ts'
import { graphiteOptions } from './graphite-options.ts'

/** The options of every sink that can be configured. Light: no sink is loaded for them. */
export const sinkOptions = z.discriminatedUnion('type', [consoleOptions, graphiteOptions])

export type SinkOptions = z.output<typeof sinkOptions>

/** The label of the sink in logs and own metrics. */
export function sinkName(options: SinkOptions): string {
  return options.name ?? options.type
}
