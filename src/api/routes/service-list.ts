import * as z from 'zod'
import type { Route } from '../route.ts'
import { QUERY_ERRORS } from '../route-errors.ts'
import { serviceList as answered } from '../schemas/store-answers.ts'
import { jsonParameters, parameter } from './graphite-parameters.ts'

export const serviceList: Route = {
  methods: ['GET'],
  url: '/api/services',
  scope: 'read',
  summary: 'What the metrics belong to, the newest first.',
  description:
    "A service is what a tag `service` or `app` says (`;service=shop`), or the first node of a name that has more of them (`shop`). What is Kymo's own belongs to none.",
  parameters: z.object({
    limit: parameter('At most so many services, the newest. Default: 100; at most 2,000.'),
    ...jsonParameters,
  }),
  answer: {
    schema: answered,
    contentTypes: ['application/json'],
    description:
      '`{"services": [{"prefix", "environments", "metricCount", "types": [{"type", "count"}], "firstSeenMs", "lastSeenMs", "pulse"}], "count"}`: `pulse` is the metric that shows best whether it is alive, as `/api/metrics` tells it; `count` is how many services there are, as far as they are counted (10,000).',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'services', parameters }, signal),
}
