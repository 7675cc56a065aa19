import * as z from 'zod'
import { optionalDurationOrNever, optionalText, requiredSecret, text } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { compressionOption, httpOptions, optionalUrlOption } from './delivery/http-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('datadog'),
      ...deliveryOptions(),
      api_key: requiredSecret('API key.'),
      site: text(
        'Site of the account: `datadoghq.com`, `datadoghq.eu`, `us3.datadoghq.com`, ...',
        'datadoghq.com',
      ),
      url: optionalUrlOption(
        'Address of the API, where it is not `https://api.` and the site: that of a proxy.',
      ),
      host: optionalText('Host that series without a tag `host` belong to. Not given: to none.'),
      max_age: optionalDurationOrNever(
        'Points that are older are given up: Datadog drops them without a word. Not given: an hour; `never`, where historical metrics are turned on.',
        { min: '1m', max: '90d' },
      ),
      compression: compressionOption('deflate'),
      ...httpOptions(),
    })
    .meta({
      description:
        'Sends each flush to Datadog: counts, gauges, distributions, events and service checks. It was checked that requests are as its documentation has them; not tried against the real service.',
    })

export type DatadogOptions = NamedOptions<typeof options>

export const datadogSink = defineSink({
  types: ['datadog'],
  options,
  example: { api_key: 'YOUR-KEY' },
  wants: () => ({ details: true }),
  async create(sink, context) {
    const { createDatadogSink } = await import('./datadog/datadog-sink.ts')
    return createDatadogSink(sink, context)
  },
})
