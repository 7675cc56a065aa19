import * as z from 'zod'
import { choice, requiredSecret } from '../lib/option.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { compressionOption, httpOptions, optionalUrlOption } from './delivery/http-options.ts'

export const newrelicOptions = z
  .strictObject({
    type: z.literal('newrelic'),
    ...deliveryOptions,
    api_key: requiredSecret('License key of the account, for ingest.'),
    region: choice('Where the account is.', ['us', 'eu', 'gov'], 'us'),
    url: optionalUrlOption('Address of the Metric API, where it is not that of the region: that of a proxy.'),
    compression: compressionOption('gzip'),
    ...httpOptions,
  })
  .meta({
    description:
      'Sends each flush to the Metric API of New Relic: counts, gauges and summaries. It was checked that requests are as its documentation has them; not tried against the real service.',
  })

export type NewrelicOptions = z.output<typeof newrelicOptions>
