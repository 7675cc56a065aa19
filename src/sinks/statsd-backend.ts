import * as z from 'zod'
import { defineSink } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { freeSection, moduleOptionsOf, packetsOfModule } from './isolated/module-settings.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('statsd-backend'),
      ...deliveryOptions(),
      ...moduleOptionsOf(
        'A backend of etsy/statsd, unchanged: the name of a package (`statsd-influxdb-backend`, `statsd/backends/console`) or a path.',
      ),
      config: freeSection(
        'The configuration that the backend is given, as it would stand in that of etsy/statsd. `flushInterval`, `percentThreshold`, `histogram`, `prefixStats` and their like are those of Kymo where it says nothing.',
      ),
    })
    .meta({
      description:
        'A backend made for etsy/statsd, in a thread of its own: it is given `init`, and the events `flush`, `status` and `packet`.',
    })

/** A backend made for etsy/statsd: see isolated/statsd-backend.ts. */
export const statsdBackendSink = defineSink({
  types: ['statsd-backend'],
  options,
  example: { module: 'statsd-influxdb-backend' },
  wants: (sink) => ({ details: true, packets: packetsOfModule(sink) }),
  async create(sink, context) {
    const { IsolatedModule } = await import('./isolated/isolated-module.ts')
    const { name, module, directory = process.cwd(), timeout, memory, packets, config } = sink
    return new IsolatedModule({
      plan: { kind: 'statsd-backend', name, module, directory, options: { config, packets } },
      timeoutMs: timeout,
      memoryBytes: memory,
      context,
    })
  },
})
