import type { SinkOptions } from './options.ts'
import type { Sink, SinkContext } from './sink.ts'

/** Loads what it takes, the first time that it is asked for. */
export async function createSink(options: SinkOptions, context: SinkContext): Promise<Sink> {
  const { definitionOf } = await import('./options.ts')
  return await definitionOf(options).create(options, context)
}
