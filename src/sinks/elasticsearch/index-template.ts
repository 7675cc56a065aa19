import type { ElasticsearchOptions } from '../elasticsearch.ts'
import { DATE } from './date-pattern.ts'

/** Longer texts are kept, but not found by. Lucene takes 32,766 bytes, and a character may have four. */
const KEYWORD = { type: 'keyword', ignore_above: 8_191 } as const

/** How documents are indexed: texts as they are, statistics as doubles. The same for Elasticsearch and OpenSearch. */
export function indexTemplate(options: ElasticsearchOptions): object {
  const { shards, replicas, lifecycle } = options
  const doubles = ['long', 'double'].map((type) => ({
    [`statistics_${type}`]: {
      path_match: 'statistics.*',
      match_mapping_type: type,
      mapping: { type: 'double' },
    },
  }))
  return {
    index_patterns: [options.index, options.events_index].map((name) => name.replace(DATE, '*')),
    ...(options.data_stream ? { data_stream: {} } : {}),
    // Those that Elasticsearch brings for `metrics-*-*` have 100.
    priority: 200,
    template: {
      settings: {
        'index.codec': 'best_compression',
        ...(shards === undefined ? {} : { 'index.number_of_shards': shards }),
        ...(replicas === undefined ? {} : { 'index.number_of_replicas': replicas }),
        ...(lifecycle === undefined ? {} : { 'index.lifecycle.name': lifecycle }),
      },
      mappings: {
        // A tag like 2023-11-14 is no date.
        date_detection: false,
        dynamic_templates: [...doubles, { texts: { match_mapping_type: 'string', mapping: KEYWORD } }],
        properties: {
          '@timestamp': { type: 'date' },
          interval_ms: { type: 'long' },
          metric: KEYWORD,
          type: KEYWORD,
          title: KEYWORD,
          text: { type: 'text' },
          status: { type: 'byte' },
        },
      },
    },
    _meta: { description: 'Metrics and events that Kymo passes on' },
  }
}
