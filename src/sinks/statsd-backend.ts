import { IsolatedModule } from './isolated/isolated-module.ts'
import { sinkName } from './options.ts'
import type { Sink, SinkContext } from './sink.ts'
import type { StatsdBackendOptions } from './statsd-backend-options.ts'

/** A backend made for etsy/statsd: see isolated/statsd-backend.ts. */
export function create(options: StatsdBackendOptions, context: SinkContext): Sink {
  const { module, directory = process.cwd(), timeout, memory, packets, config } = options
  return new IsolatedModule({
    plan: {
      kind: 'statsd-backend',
      name: sinkName(options),
      module,
      directory,
      options: { config, packets },
    },
    timeoutMs: timeout,
    memoryBytes: memory,
    context,
  })
}
