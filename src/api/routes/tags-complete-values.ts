import * as z from 'zod'
import type { Route } from '../route.ts'
import { completionLimit, expressions, jsonParameters, parameter } from './graphite-parameters.ts'
import { names } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const tagsCompleteValues: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/autoComplete/values',
  scope: 'read',
  summary: 'Values of a tag to go on with.',
  parameters: z.object({
    tag: parameter('The tag. Required.'),
    expr: expressions('Only values of series for which all hold.'),
    valuePrefix: parameter('How the value begins.'),
    limit: completionLimit,
    ...jsonParameters,
  }),
  answer: { schema: names, contentTypes: ['application/json'], description: '`["a1", "a2"]`, sorted.' },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'value-completion', parameters }, signal),
}
