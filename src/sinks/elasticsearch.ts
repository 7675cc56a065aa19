import * as z from 'zod'
import { optionalInteger, optionalText, secret, text, toggle } from '../lib/option.ts'
import { defineSink, type NamedOptions } from './define-sink.ts'
import { deliveryOptions } from './delivery/delivery-options.ts'
import {
  basicAuthOptions,
  compressionOption,
  httpOptions,
  tokenOption,
  urlOption,
} from './delivery/http-options.ts'
import { DATE } from './elasticsearch/date-pattern.ts'

const INDEX_WANTED =
  'the name of an index: no capital letters, blanks, nor any of \\ / * ? " < > | , # :, and no -, _, + or . in front'
const INDEX_NAME = /^(?![-_+.])[^A-Z\\/*?"<>|\s,#:{}]+$/

const options = () =>
  z
    .strictObject({
      type: z.literal('elasticsearch'),
      ...deliveryOptions(),
      url: urlOption('Address of Elasticsearch or OpenSearch.', 'http://localhost:9200'),
      index: indexName(
        'Data stream, or index, that metrics are written to. `{yyyy.MM.dd}`, or any part of it, stands for the UTC date of the document, `{HH}` for its hour.',
        'metrics-kymo-default',
      ),
      events_index: indexName(
        'Data stream, or index, that events are written to. As `index`.',
        'events-kymo-default',
      ),
      data_stream: toggle('These are data streams. If not, they are indices.', true),
      put_template: toggle(
        'Put the index template that says how documents are indexed, before the first request, unless there is one of this name. If not, there has to be one.',
        true,
      ),
      template: text(
        'Name of the index template. Of two sinks with different indices each needs one.',
        'kymo',
      ),
      shards: optionalInteger(
        'Primary shards of an index, in the template. Not given: as the server has it.',
        {
          min: 1,
          max: 1_024,
        },
      ),
      replicas: optionalInteger('Replicas of a shard, in the template. Not given: as the server has it.', {
        min: 0,
        max: 100,
      }),
      lifecycle: optionalText(
        'Name of an index lifecycle policy of Elasticsearch (ILM), in the template. It has to be there.',
      ),
      pipeline: optionalText('Ingest pipeline that documents go through.'),
      api_key: secret('API key, in its encoded form.'),
      ...tokenOption(),
      ...basicAuthOptions(),
      compression: compressionOption('gzip'),
      ...httpOptions(),
    })
    .meta({
      description:
        'Writes each flush to Elasticsearch or OpenSearch, by their bulk API: a document per metric and flush, and one per event. It was checked that requests are as their documentation has them; not tried against the real servers.',
    })

export type ElasticsearchOptions = NamedOptions<typeof options>

export const elasticsearchSink = defineSink({
  types: ['elasticsearch'],
  options,
  example: { url: 'https://search.example.net:9200', api_key: 'YOUR-KEY' },
  async create(sink, context) {
    const { createElasticsearchSink } = await import('./elasticsearch/elasticsearch-sink.ts')
    return createElasticsearchSink(sink, context)
  },
})

function indexName(description: string, defaultName: string) {
  return z
    .string()
    .refine((name) => INDEX_NAME.test(name.replace(DATE, '0')) && Buffer.byteLength(name) <= 200, {
      error: INDEX_WANTED,
    })
    .prefault(defaultName)
    .meta({ description })
}
