import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, tagListParameters } from './graphite-parameters.ts'

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
    contentTypes: ['application/json'],
    description: '`{"tag": "rack", "values": [{"count": 1, "value": "a1"}]}`; `null` where no series has it.',
  },
  handler:
    ({ services }) =>
    ({ parameters, pathParameters: { tag = '' }, signal }) =>
      services.query({ kind: 'tag', parameters: { ...parameters, tag: [tag] } }, signal),
}
