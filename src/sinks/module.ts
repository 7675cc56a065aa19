import { IsolatedModule } from './isolated/isolated-module.ts'
import type { ModuleOptions } from './module-options.ts'
import { sinkName } from './options.ts'
import type { Sink, SinkContext } from './sink.ts'

/** A sink of somebody else: see own-sink.ts. */
export function create(options: ModuleOptions, context: SinkContext): Sink {
  const { module, directory = process.cwd(), timeout, memory } = options
  return new IsolatedModule({
    plan: { kind: 'sink', name: sinkName(options), module, directory, options: options.options },
    timeoutMs: timeout,
    memoryBytes: memory,
    context,
  })
}
