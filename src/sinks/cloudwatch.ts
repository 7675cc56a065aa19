import * as z from 'zod'
import { choice, optionalText, secret, text, toggle } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import { httpOptions, optionalUrlOption } from './delivery/http-options.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('cloudwatch'),
      ...deliveryOptions(),
      namespace: text('Namespace of all metrics. It may not begin with `AWS/`.', 'Kymo').refine(
        (value) => /^(?!AWS\/)[A-Za-z0-9._\-/#: ]{1,255}$/.test(value) && !value.startsWith(':'),
        {
          error: 'at most 255 letters, digits, blanks and any of . _ - / # :, not beginning with AWS/ or ":"',
        },
      ),
      region: optionalText(
        'Region of AWS, such as `eu-central-1`. Not given: that of the environment, the profile or the machine, as the SDK of AWS finds it.',
      ),
      access_key_id: optionalText(
        'Key of AWS. Not given: credentials are those of the environment, the profile, the container or the machine, as the SDK of AWS finds them.',
      ),
      secret_access_key: secret('The secret of the key.'),
      session_token: secret('The token of a key that is valid for a while.'),
      profile: optionalText('Profile in the configuration of AWS, whose credentials and region are taken.'),
      url: optionalUrlOption(
        'Address of CloudWatch, where it is another than that of the region: an endpoint of your own network.',
      ),
      request_timeout: httpOptions().request_timeout,
      concurrency: httpOptions().concurrency,
      compression: choice(
        'How the bodies of requests are compressed; those under 10 kB never are.',
        ['none', 'gzip'],
        'gzip',
      ),
      timers: choice(
        'What a timer is: a `statistic_set` of count, sum, lowest and highest value, or its `values`, up to 150 different ones, of which CloudWatch knows percentiles.',
        ['statistic_set', 'values'],
        'statistic_set',
      ),
      high_resolution: toggle(
        'Metrics are kept by the second, and not by the minute; that costs more.',
        false,
      ),
    })
    .refine((sink) => (sink.access_key_id === undefined) === (sink.secret_access_key === undefined), {
      path: ['secret_access_key'],
      error: 'a key and its secret, or neither of them',
    })
    .meta({
      description:
        'Sends each flush to Amazon CloudWatch. Needs the package `@aws-sdk/client-cloudwatch`, which is installed beside Kymo.',
    })

export type CloudwatchOptions = NamedOptions<typeof options>

export const cloudwatchSink = defineSink({
  types: ['cloudwatch'],
  options,
  example: { region: 'eu-central-1' },
  wants: () => ({ details: true }),
  async create(sink, context) {
    const { createCloudwatchSink } = await import('./cloudwatch/cloudwatch-sink.ts')
    return createCloudwatchSink(sink, context)
  },
})
