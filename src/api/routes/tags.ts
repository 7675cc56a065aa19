import * as z from 'zod'
import { KymoError } from '../../telemetry/errors.ts'
import type { Route } from '../route.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'

const expressions = parameter(
  'A tag expression: `tag=value`, `tag!=value`, `tag=~regex` or `tag!=~regex`. Repeat it for several, all of which hold. At least ' +
    'one has to need a value.',
)
const filter = parameter('Only those that this regular expression matches from their beginning.')
const limit = parameter('At most so many, the first ones. Default: all.')
const offeredLimit = parameter('At most so many, the first ones. Default: 100.')

/** Where other routes stand; no tag of these names can be asked for here. */
const POST_ONLY: ReadonlySet<string> = new Set(['tagSeries', 'tagMultiSeries', 'delSeries'])

export const tagList: Route = {
  methods: ['GET'],
  url: '/tags',
  scope: 'read',
  summary: 'The tags that series have, sorted.',
  parameters: z.object({ filter, limit, ...jsonParameters }),
  answer: { contentTypes: ['application/json'], description: '`[{"tag": "host"}, ...]`' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-list', parameters }, signal),
}

export const tagDetails: Route = {
  methods: ['GET'],
  url: '/tags/:tag',
  scope: 'read',
  summary: 'The values of a tag, sorted, and how many series have each.',
  parameters: z.object({ filter, limit, ...jsonParameters }),
  pathParameters: z.object({ tag: z.string().describe('The tag.') }),
  answer: {
    contentTypes: ['application/json'],
    description: '`{"tag": "host", "values": [{"count": 1, "value": "web1"}, ...]}`',
  },
  handler:
    ({ services }) =>
    ({ method, parameters, pathParameters: { tag = '' }, signal }) => {
      if (POST_ONLY.has(tag)) {
        throw new KymoError('method-not-allowed', { method, path: `/tags/${tag}`, allowed: 'POST' })
      }
      return services.query({ kind: 'tag-details', parameters: { ...parameters, tag: [tag] } }, signal)
    },
}

export const tagFindSeries: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/findSeries',
  scope: 'read',
  summary: 'The keys of series for which all tag expressions hold, sorted.',
  parameters: z.object({ expr: expressions, ...jsonParameters }),
  answer: {
    contentTypes: ['application/json'],
    description: '`["disk.used;host=web1;rack=a1", ...]`',
  },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-series', parameters }, signal),
}

export const tagNames: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/autoComplete/tags',
  scope: 'read',
  summary: 'Tags that a query may go on with, sorted.',
  description: 'Those that the expressions are about are not among them.',
  parameters: z.object({
    expr: expressions,
    tagPrefix: parameter('Only tags that begin so.'),
    limit: offeredLimit,
    ...jsonParameters,
  }),
  answer: { contentTypes: ['application/json'], description: '`["host", "rack"]`' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-names', parameters }, signal),
}

export const tagValues: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/autoComplete/values',
  scope: 'read',
  summary: 'Values of a tag that a query may go on with, sorted.',
  parameters: z.object({
    tag: parameter('The tag. Required.'),
    expr: expressions,
    valuePrefix: parameter('Only values that begin so.'),
    limit: offeredLimit,
    ...jsonParameters,
  }),
  answer: { contentTypes: ['application/json'], description: '`["web1", "web2"]`' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-values', parameters }, signal),
}
