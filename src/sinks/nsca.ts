import * as z from 'zod'
import { choice, duration, port, secret, text } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { checkOptions } from './nagios/check-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('nsca'),
      ...deliveryOptions(),
      host: text('Host name or address of the NSCA server.', 'localhost'),
      port: port('Its port.', 5667, 1),
      encryption: choice(
        'The `decryption_method` of the server: `xor` is 1, `none` is 0. Neither keeps a secret from who can listen.',
        ['xor', 'none'],
        'xor',
      ),
      password: secret('The `password` of the server, with `xor`.'),
      output_bytes: choice(
        'The longest output of a check that the server takes: `4096`, since NSCA 2.9, or `512`.',
        ['4096', '512'],
        '4096',
      ),
      timeout: duration('How long the server may take to answer, and to take the results.', '10s', {
        min: '1ms',
        max: '10m',
      }),
      ...checkOptions(),
    })
    .meta({ description: 'Sends results of passive checks to Nagios or Icinga by NSCA.' })

export type NscaOptions = NamedOptions<typeof options>

export const nscaSink = defineSink({
  types: ['nsca'],
  options,
  example: {
    checks: [{ match: 'stats.gauges.load', host: 'web1', service: 'load', critical: '10' }],
  },
  async create(sink, context) {
    const { createNscaSink } = await import('./nagios/nsca-sink.ts')
    return createNscaSink(sink, context)
  },
})
