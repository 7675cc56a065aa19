import * as z from 'zod'
import type { Route } from '../route.ts'
import { completionLimit, expressions, jsonParameters, parameter } from './graphite-parameters.ts'
import { names } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const tagsCompleteTags: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/autoComplete/tags',
  scope: 'read',
  summary: 'Tags to go on with.',
  parameters: z.object({
    expr: expressions('Only tags of series for which all hold; the tags in them are left out.'),
    tagPrefix: parameter('How the tag begins.'),
    limit: completionLimit,
    ...jsonParameters,
  }),
  answer: { schema: names, contentTypes: ['application/json'], description: '`["rack", "server"]`, sorted.' },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-completion', parameters }, signal),
}
