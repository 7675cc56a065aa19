import * as z from 'zod'
import { findNodes } from '../find-nodes.ts'
import type { Route } from '../route.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'
import { found } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const metricsFind: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics/find',
  scope: 'read',
  summary: 'The nodes of the metric tree that match a pattern.',
  parameters: z.object({
    query: parameter('The pattern: `stats.*`. Required.'),
    format: parameter('`treejson` (the default), `completer`, `json`, `nodelist`, `pickle` or `msgpack`.'),
    from: parameter('Leave out leaves whose last point is more than 10 minutes before this time.'),
    until: parameter('Leave out leaves whose first point is more than 10 minutes after this time.'),
    tz: timeRangeParameters.tz,
    now: timeRangeParameters.now,
    leavesOnly: parameter('`1`: only nodes that have points.'),
    wildcards: parameter('`1`: add a row `*` where there is more than one.'),
    automatic_variants: parameter('`completer` only: read `a,b` as `{a,b}`.'),
    position: parameter('`nodelist` only: which node of the path to list.'),
    cacheTimeout: parameter('0: do not give an answer again.'),
    noCache: parameter('Do not give an answer again, as is done while no series comes or goes.'),
    ...jsonParameters,
  }),
  answer: {
    schema: found,
    contentTypes: ['application/json', 'application/pickle', 'application/x-msgpack'],
    description:
      'The nodes, branches first; in `json`, `pickle` and `msgpack` by path, leaves with the times of their first and last points.',
  },
  errors: [...QUERY_ERRORS, 'format-unknown', 'time-invalid'],
  handler:
    ({ services }) =>
    (request) =>
      findNodes(services, request),
}
