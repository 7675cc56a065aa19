import * as z from 'zod'
import type { Route } from '../route.ts'
import { QUERY_ERRORS } from '../route-errors.ts'
import { metricList as answered } from '../schemas/store-answers.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'

export const metricList: Route = {
  methods: ['GET'],
  url: '/api/metrics',
  scope: 'read',
  summary: 'The metrics as they were sent, the newest first, each with its series.',
  parameters: z.object({
    limit: parameter('At most so many metrics, the newest. Default: 200; at most 1000.'),
    search: parameter('Only metrics whose key, tags included, has each of these words, whatever their case.'),
    ...jsonParameters,
  }),
  answer: {
    schema: answered,
    contentTypes: ['application/json'],
    description:
      '`{"metrics": [{"key", "type", "firstSeenMs", "lastSeenMs", "series": [{"key", "statistic"}]}]}`',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'metrics', parameters }, signal),
}
