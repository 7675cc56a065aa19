import * as z from 'zod'
import type { Route } from '../route.ts'
import { completionLimit, expressions, jsonParameters, parameter } from './graphite-parameters.ts'

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
  answer: { contentTypes: ['application/json'], description: '`["a1", "a2"]`, sorted.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'value-completion', parameters }, signal),
}
