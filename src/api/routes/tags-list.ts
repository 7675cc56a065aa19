import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, tagListParameters } from './graphite-parameters.ts'
import { tagNames } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const tagsList: Route = {
  methods: ['GET'],
  url: '/tags',
  scope: 'read',
  summary: 'The tags that series have.',
  parameters: z.object({ ...tagListParameters, ...jsonParameters }),
  answer: {
    schema: tagNames,
    contentTypes: ['application/json'],
    description: '`[{"tag": "rack"}]`, sorted.',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tags', parameters }, signal),
}
