import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'
import { explanation } from '../schemas/store-answers.ts'
import { TARGET_ERRORS } from '../route-errors.ts'

export const explain: Route = {
  methods: ['GET', 'POST'],
  url: '/api/explain',
  scope: 'read',
  summary: 'What a query evaluates: each part of its targets, with how many series and points it has.',
  parameters: z.object({
    target: parameter('As in /render. Repeat it for several.'),
    ...timeRangeParameters,
    ...jsonParameters,
  }),
  answer: {
    schema: explanation,
    contentTypes: ['application/json'],
    description:
      '`{"from": …, "until": …, "targets": [{"target", "label", "from", "until", "series", "points", "finest_step", "coarsest_step", "children": [...]}]}`; times and steps are seconds.',
  },
  errors: TARGET_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'explain', parameters }, signal),
}
