import * as z from 'zod'
import { choice, duration, optionalText, secret, toggle } from '../lib/option.ts'
import { problemOfPlace } from './bus/messages.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

const SERVER = /^(nats|tls):\/\/[^\s/@]+$/
const SERVERS_WANTED = 'a URL such as nats://localhost:4222, or tls://…, without a user and a path'
/** No wildcard, no white space, no empty node. */
const SUBJECT = /^[^\s.*>{}]+(\.[^\s.*>{}]+)*$/

const options = () =>
  z
    .strictObject({
      type: z.literal('nats'),
      ...deliveryOptions(),
      servers: z
        .array(z.string().regex(SERVER, { error: SERVERS_WANTED }))
        .min(1)
        .max(100)
        .prefault(['nats://localhost:4222'])
        .meta({
          description: 'Servers of one cluster: the first that answers is used.',
          noun: SERVERS_WANTED,
        }),
      subject: z
        .string()
        .max(1_024)
        .superRefine((value, context) => {
          const problem = problemOfPlace(value, SUBJECT)
          if (problem !== undefined)
            context.addIssue({
              code: 'custom',
              message: `a subject without white space, wildcards and empty nodes, with ${problem}`,
            })
        })
        .prefault('kymo.{{type}}')
        .meta({
          description:
            'Subject of each message. `{{type}}` is `counter`, `gauge`, `timer`, `set`, `untyped` or `event`, `{{metric}}` the name of the metric without its tags; what no subject can have is `_` in it.',
        }),
      format: choice(
        'What a message is: JSON of a metric with all its statistics, or a line of Graphite for each series. Events are JSON.',
        ['json', 'graphite'],
        'json',
      ),
      jetstream: toggle(
        'A stream of JetStream has to take each message. It is there already; messages that come twice, because they were sent again, are told apart by their id.',
        false,
      ),
      user: optionalText('User name.'),
      password: secret('Password of the user.'),
      token: secret('Token, where the server wants one.'),
      connect_timeout: duration('How long a server may take to let Kymo in.', '5s', {
        min: '1ms',
        max: '10m',
      }),
      send_timeout: duration(
        'How long a server may take nothing at all. Then the connection is given up, and the batch sent again on a new one.',
        '10s',
        { min: '1ms', max: '10m' },
      ),
    })
    .meta({
      description:
        'Publishes each metric to NATS, or to a stream of JetStream. It wants the package @nats-io/transport-node, and for JetStream @nats-io/jetstream, installed beside Kymo.',
    })

export type NatsOptions = NamedOptions<typeof options>

export const natsSink = defineSink({
  types: ['nats'],
  options,
  example: { servers: ['nats://nats.example.net:4222'] },
  async create(sink, context) {
    const { createNatsSink } = await import('./bus/nats-sink.ts')
    return createNatsSink(sink, context)
  },
})
