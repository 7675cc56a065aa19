import * as z from 'zod'
import type { Route } from '../route.ts'
import { parameter, timeRangeParameters } from './graphite-parameters.ts'

export const metricsFind: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics/find',
  scope: 'read',
  summary: 'The nodes of the metric tree that match a pattern.',
  parameters: z.object({
    query: parameter('The pattern: `stats.*`. Required.'),
    format: parameter('`treejson` (the default), `completer`, `json` or `nodelist`.'),
    ...timeRangeParameters,
  }),
  answer: { contentTypes: ['application/json'], description: 'The nodes, branches first.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'find', parameters }, signal),
}
