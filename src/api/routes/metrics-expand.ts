import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'
import { expanded } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const metricsExpand: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics/expand',
  scope: 'read',
  summary: 'The whole paths that patterns match.',
  parameters: z.object({
    query: parameter('A pattern: `stats.*.requests`. Repeat it for several. Required.'),
    leavesOnly: parameter('`1`: only paths that have points.'),
    groupByExpr: parameter('`1`: answer by pattern.'),
    ...jsonParameters,
  }),
  answer: {
    schema: expanded,
    contentTypes: ['application/json'],
    description: '`{"results": [...]}`, sorted.',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'expand', parameters }, signal),
}
