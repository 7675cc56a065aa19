import * as z from 'zod'
import { duration, port, text } from '../lib/option.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'

export const graphiteOptions = z
  .strictObject({
    type: z.literal('graphite'),
    ...deliveryOptions,
    host: text('Host name or address of the carbon receiver.', 'localhost'),
    port: port('Plaintext TCP port of the carbon receiver.', 2003, 1),
    connect_timeout: duration('How long the receiver may take to accept a connection.', '5s', {
      min: '1ms',
      max: '10m',
    }),
    send_timeout: duration(
      'How long the receiver may take nothing at all. Then the connection is given up and the batch sent again on a new one.',
      '10s',
      { min: '1ms', max: '10m' },
    ),
  })
  .meta({
    description:
      "Sends each flush to Graphite's carbon, or to anything that takes its plaintext protocol, over TCP.",
  })

export type GraphiteOptions = z.output<typeof graphiteOptions>
