import * as z from 'zod'
import { choice, duration, integer, port, text } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('statsd'),
      ...deliveryOptions(),
      host: text('Host name or address of the StatsD server.', 'localhost'),
      port: port('Its port.', 8125, 1),
      transport: choice('How it is sent.', ['udp', 'tcp'], 'udp'),
      tag_form: choice(
        'What becomes of tags. `dogstatsd`: `|#key:value`, which the servers of Datadog, Kymo, Telegraf and others read. `drop`: they are left out; metrics that differ in tags alone become one there.',
        ['dogstatsd', 'drop'],
        'dogstatsd',
      ),
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{0,200}$/, { error: 'letters, digits, "_", "-" and "."' })
        .prefault('')
        .meta({
          description: 'What is put in front of each name: `edge.` makes `edge.api.hits` of `api.hits`.',
        }),
      packet_bytes: integer(
        'The longest datagram. 1432 fits into one Ethernet frame; a metric whose line is longer is left out.',
        1_432,
        { min: 64, max: 65_507 },
      ),
      connect_timeout: duration('By TCP: how long the server may take to accept a connection.', '5s', {
        min: '1ms',
        max: '10m',
      }),
      send_timeout: duration('By TCP: how long the server may take nothing at all.', '10s', {
        min: '1ms',
        max: '10m',
      }),
    })
    .meta({
      description:
        'Sends each flush on to a StatsD server, which aggregates it once more: counters as increments, gauges as they are, timers and sets value by value.',
    })

export type StatsdOptions = NamedOptions<typeof options>

export const statsdSink = defineSink({
  types: ['statsd'],
  options,
  example: { host: 'statsd.example.net' },
  wants: () => ({ details: true }),
  peers: ({ host, port }) => [{ host, port, wire: 'statsd' }],
  async create(sink, context) {
    const { createStatsdSink } = await import('./statsd/statsd-sink.ts')
    return createStatsdSink(sink, context)
  },
})
