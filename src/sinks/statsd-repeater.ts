import * as z from 'zod'
import { choice, integer, size } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { type Destination, parseDestination } from './graphite/destination.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('statsd-repeater'),
      ...deliveryOptions(),
      destinations: z
        .array(z.string().transform(readPeer))
        .min(1)
        .max(32)
        .meta({ description: 'Who is sent all of it: `host:port`, each.' }),
      transport: choice('How it is sent.', ['udp', 'tcp'], 'udp'),
      packet_bytes: integer(
        'By UDP: what is longer than this is divided at the ends of its lines. A single line is never divided.',
        1_432,
        { min: 64, max: 65_507 },
      ),
      buffer: size(
        'How much may wait for a destination that is slow or, by TCP, away. What comes while it is full is lost, and counted.',
        '1MiB',
        { min: '4KiB', max: '1GiB' },
      ),
    })
    .meta({
      description:
        'Passes on every line of StatsD as it was received, before anything is made of it: to try another server on real traffic, or to feed several.',
    })

export type StatsdRepeaterOptions = NamedOptions<typeof options>

export const statsdRepeaterSink = defineSink({
  types: ['statsd-repeater'],
  options,
  example: { destinations: ['statsd2.example.net:8125'] },
  wants: () => ({ packets: 'packets' }),
  peers: ({ destinations }) => destinations.map(({ host, port }) => ({ host, port, wire: 'statsd' })),
  async create(sink, context) {
    const { createStatsdRepeaterSink } = await import('./statsd-repeater/statsd-repeater-sink.ts')
    return createStatsdRepeaterSink(sink, context)
  },
})

function readPeer(value: string, context: z.RefinementCtx): Destination {
  const destination = parseDestination(value)
  if (destination?.instance === null) return destination
  context.addIssue({ code: 'custom', message: 'host:port, as in statsd2.example.net:8125' })
  return z.NEVER
}
