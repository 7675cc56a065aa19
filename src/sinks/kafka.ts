import * as z from 'zod'
import { choice, duration, optionalText, secret, size, toggle } from '../lib/option.ts'
import { problemOfPlace } from './bus/messages.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

const BROKER = /^(\[[0-9a-f:.]+\]|[^\s:/@]+):\d{1,5}$/i
const BROKER_WANTED = 'host and port such as kafka1.example.net:9092'
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/

const options = () =>
  z
    .strictObject({
      type: z.literal('kafka'),
      ...deliveryOptions(),
      brokers: z
        .array(z.string().regex(BROKER, { error: BROKER_WANTED }))
        .min(1)
        .max(100)
        .prefault(['localhost:9092'])
        .meta({
          description: 'Brokers that are asked for the others of their cluster.',
          noun: BROKER_WANTED,
        }),
      topic: z
        .string()
        .max(249)
        .superRefine((value, context) => {
          const problem = problemOfPlace(value, TOPIC)
          if (problem !== undefined)
            context.addIssue({
              code: 'custom',
              message: `a topic of letters, digits, ".", "_" and "-", with ${problem}`,
            })
        })
        .prefault('kymo')
        .meta({
          description:
            'Topic of each message. `{{type}}` is `counter`, `gauge`, `timer`, `set`, `untyped` or `event`, `{{metric}}` the name of the metric without its tags; what no topic can have is `_` in it.',
        }),
      format: choice(
        'What a message is: JSON of a metric with all its statistics, or a line of Graphite for each series. Events are JSON. The key is that of the metric or series.',
        ['json', 'graphite'],
        'json',
      ),
      acks: choice(
        'Who has to have a message before it counts as sent: all brokers that keep it, its leader, or nobody.',
        ['all', 'leader', 'none'],
        'all',
      ),
      compression: choice('How messages are compressed.', ['none', 'gzip', 'snappy', 'lz4', 'zstd'], 'gzip'),
      create_topics: toggle('Topics that are not there are made, where the brokers let it.', false),
      max_request: size(
        'The most that is sent in one request, before it is compressed. A broker takes 1 MiB for each partition if it is not told otherwise.',
        '512KiB',
        { min: '16KiB', max: '64MiB' },
      ),
      tls: toggle('Speaks TLS.', false),
      user: optionalText('User name, where brokers want one.'),
      password: secret('Password of the user.'),
      mechanism: choice(
        'How user and password are shown.',
        ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
        'PLAIN',
      ),
      connect_timeout: duration('How long a broker may take to accept a connection.', '5s', {
        min: '1ms',
        max: '10m',
      }),
      send_timeout: duration('How long a request may take. Then it is sent again.', '30s', {
        min: '1ms',
        max: '10m',
      }),
    })
    .meta({
      description:
        'Produces each metric to Kafka. It wants the package @platformatic/kafka, installed beside Kymo. It was not tried with a real broker.',
    })

export type KafkaOptions = NamedOptions<typeof options>

export const kafkaSink = defineSink({
  types: ['kafka'],
  options,
  example: { brokers: ['kafka1.example.net:9092'] },
  async create(sink, context) {
    const { createKafkaSink } = await import('./bus/kafka-sink.ts')
    return createKafkaSink(sink, context)
  },
})
