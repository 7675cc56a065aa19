import * as z from 'zod'
import { choice, optionalInteger, secret, size } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import {
  basicAuthOptions,
  compressionOption,
  httpOptions,
  tokenOption,
  urlOption,
} from './delivery/http-options.ts'
import { BODY_PARTS, parseBodyTemplate } from './http/body-template.ts'

const options = () =>
  z
    .strictObject({
      type: z.literal('http'),
      ...deliveryOptions(),
      url: urlOption('Where it is sent.'),
      method: choice('Method of the request.', ['POST', 'PUT', 'PATCH'], 'POST'),
      body: z
        .string()
        .max(65_536)
        .refine((text) => parseBodyTemplate(text) !== undefined, {
          error: `a text in which only ${BODY_PARTS.map((part) => `{{${part}}}`).join(', ')} stand between {{ and }}`,
        })
        .prefault('{{json}}')
        .meta({
          description:
            'What is sent. Each part between `{{` and `}}` is replaced by JSON, docs/guide/sinks/http.md says by which; all else is sent as it is.',
        }),
      max_metrics: optionalInteger(
        'The most metrics, points or events of one request. Not given: a whole flush goes in one.',
        { min: 1, max: 10_000_000 },
      ),
      max_body: size(
        'The largest body, before it is compressed. A flush that is larger goes in several requests.',
        '64MiB',
        {
          min: '1KiB',
          max: '256MiB',
        },
      ),
      signing_key: secret(
        'Key that requests are signed with: `x-kymo-signature` is the HMAC-SHA256 of `x-kymo-timestamp`, a dot, and the body. Not given: they are not.',
      ),
      ...tokenOption(),
      ...basicAuthOptions(),
      compression: compressionOption('none'),
      ...httpOptions(),
    })
    .meta({
      description: 'Sends each flush to a program of your own, in one request.',
    })

export type HttpSinkOptions = NamedOptions<typeof options>

export const httpSink = defineSink({
  types: ['http'],
  options,
  example: { url: 'https://agent.example.net/metrics' },
  async create(sink, context) {
    const { createHttpSink } = await import('./http/http-sink.ts')
    return createHttpSink(sink, context)
  },
})
