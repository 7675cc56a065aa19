import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters } from './graphite-parameters.ts'
import { names } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const metricsIndex: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics/index.json',
  scope: 'read',
  summary: 'The names of all series, sorted.',
  description: 'At most 1,000,000. Tagged series are there under their whole keys.',
  parameters: z.object(jsonParameters),
  answer: { schema: names, contentTypes: ['application/json'], description: '`["stats.gauges.load", ...]`' },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'index', parameters }, signal),
}
