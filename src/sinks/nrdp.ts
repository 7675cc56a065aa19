import * as z from 'zod'
import { choice, integer, secret } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { httpOptions, urlOption } from './delivery/http-options.ts'
import { checkOptions } from './nagios/check-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('nrdp'),
      ...deliveryOptions(),
      url: urlOption('Address of NRDP on the Nagios server.', 'http://localhost/nrdp/'),
      token: secret('One of its `authorized_tokens`.'),
      format: choice('How results are written. `xml` is for NRDP before 1.5.', ['json', 'xml'], 'json'),
      max_results: integer('The most results of one request.', 500, { min: 1, max: 10_000 }),
      ...httpOptions(),
      ...checkOptions(),
    })
    .meta({ description: 'Sends results of passive checks to Nagios by NRDP.' })

export type NrdpOptions = NamedOptions<typeof options>

export const nrdpSink = defineSink({
  types: ['nrdp'],
  options,
  example: {
    checks: [{ match: 'stats.gauges.load', host: 'web1', service: 'load', critical: '10' }],
  },
  async create(sink, context) {
    const { createNrdpSink } = await import('./nagios/nrdp-sink.ts')
    return createNrdpSink(sink, context)
  },
})
