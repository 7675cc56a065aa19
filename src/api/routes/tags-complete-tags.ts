import * as z from 'zod'
import type { Route } from '../route.ts'
import { completionLimit, expressions, jsonParameters, parameter } from './graphite-parameters.ts'

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
  answer: { contentTypes: ['application/json'], description: '`["rack", "server"]`, sorted.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tag-completion', parameters }, signal),
}
