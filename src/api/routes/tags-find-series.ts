import * as z from 'zod'
import type { Route } from '../route.ts'
import { expressions, jsonParameters } from './graphite-parameters.ts'
import { names } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const tagsFindSeries: Route = {
  methods: ['GET', 'POST'],
  url: '/tags/findSeries',
  scope: 'read',
  summary: 'The series for which tag expressions hold.',
  parameters: z.object({ expr: expressions('All have to hold. Required.'), ...jsonParameters }),
  answer: {
    schema: names,
    contentTypes: ['application/json'],
    description: '`["disk.used;rack=a1;server=web01"]`, sorted.',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'tagged-series', parameters }, signal),
}
