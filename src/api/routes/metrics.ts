import * as z from 'zod'
import { renderPrometheusText } from '../../telemetry/own-metrics.ts'
import { findNodes } from '../find-nodes.ts'
import type { Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { found } from '../schemas/graphite-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

/** Two customs meet on this path: Prometheus scrapes it, and to Graphite it is another name of /metrics/find. */
export const metrics: Route = {
  methods: ['GET', 'POST'],
  url: '/metrics',
  scope: 'read',
  summary: "Kymo's metrics about itself, for Prometheus; with `query`, the same as /metrics/find.",
  description: 'A POST is always a find.',
  parameters: z.object({ query: parameter('A pattern, as for /metrics/find.') }),
  answer: {
    schema: found,
    contentTypes: ['text/plain', 'application/json'],
    description: "Prometheus' text format, version 0.0.4; or the nodes that match.",
  },
  errors: [...QUERY_ERRORS, 'format-unknown', 'time-invalid'],
  handler:
    ({ services }) =>
    (request) => {
      if (request.method === 'POST' || request.parameters.query !== undefined)
        return findNodes(services, request)
      return {
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: renderPrometheusText(services.ownMetrics()),
      }
    },
}
