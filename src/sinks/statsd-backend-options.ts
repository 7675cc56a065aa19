import * as z from 'zod'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { freeSection, moduleOptionsOf } from './isolated/module-settings.ts'

export const statsdBackendOptions = z
  .strictObject({
    type: z.literal('statsd-backend'),
    ...deliveryOptions,
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

export type StatsdBackendOptions = z.output<typeof statsdBackendOptions>
