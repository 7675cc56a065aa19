import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, tagListParameters } from './graphite-parameters.ts'

export const tagsList: Route = {
  methods: ['GET'],
  url: '/tags',
  scope: 'read',
  summary: 'The tags that series have.',
  parameters: z.object({ ...tagListParameters, ...jsonParameters }),
  answer: { contentTypes: ['application/json'], description: '`[{"tag": "rack"}]`, sorted.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tags', parameters }, signal),
}
