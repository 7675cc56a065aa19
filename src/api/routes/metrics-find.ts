import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'

export const metricsFind: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics/find',
  scope: 'read',
  summary: 'The nodes of the metric tree that match a pattern.',
  parameters: z.object({
    query: parameter('The pattern: `stats.*`. Required.'),
    format: parameter('`treejson` (the default), `completer`, `json` or `nodelist`.'),
    leavesOnly: parameter('`1`: only nodes that have points.'),
    wildcards: parameter('`1`: add a row `*` where there is more than one.'),
    automatic_variants: parameter('`completer` only: read `a,b` as `{a,b}`.'),
    position: parameter('`nodelist` only: which node of the path to list.'),
    ...jsonParameters,
  }),
  answer: { contentTypes: ['application/json'], description: 'The nodes, branches first.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'find', parameters }, signal),
}
