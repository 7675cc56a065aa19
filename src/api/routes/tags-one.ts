import * as z from 'zod'
import { KymoError } from '../../telemetry/errors.ts'
import type { Route } from '../route.ts'
import { jsonParameters, tagListParameters } from './graphite-parameters.ts'
import { tagValues } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

/** Where other routes stand; no tag of these names can be asked for here. */
const POST_ONLY: ReadonlySet<string> = new Set(['tagSeries', 'tagMultiSeries', 'delSeries'])

export const tagsOne: Route = {
  methods: ['GET'],
  url: '/tags/:tag',
  scope: 'read',
  summary: 'The values of a tag, and how many series have each.',
  parameters: z.object({ ...tagListParameters, ...jsonParameters }),
  pathParameters: z.object({
    tag: z.string().describe('The tag. `name` is that of every series: its name.'),
  }),
  answer: {
    schema: tagValues,
    contentTypes: ['application/json'],
    description: '`{"tag": "rack", "values": [{"count": 1, "value": "a1"}]}`; `null` where no series has it.',
  },
  errors: [...QUERY_ERRORS, 'method-not-allowed'],
  handler:
    ({ services }) =>
    ({ method, parameters, pathParameters: { tag = '' }, signal }) => {
      if (POST_ONLY.has(tag)) {
        throw new KymoError('method-not-allowed', { method, path: `/tags/${tag}`, allowed: 'POST' })
      }
      return services.query({ kind: 'tag', parameters: { ...parameters, tag: [tag] } }, signal)
    },
}
