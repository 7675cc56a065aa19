import * as z from 'zod'
import { lastValue } from '../../query/request-parameters.ts'
import { readInteger } from '../answers/answer-context.ts'
import { answerJson, type Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { usageReport } from '../schemas/store-answers.ts'

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 100_000

export const usage: Route = {
  methods: ['GET'],
  url: '/api/usage',
  scope: 'read',
  summary: 'Which series were read since the start, and for which panels of which dashboards.',
  description:
    'Grafana says with `X-Dashboard-Id` and `X-Panel-Id` what it asks for; what came without stands under `null`. An answer that is given again is not counted again. ' +
    'Of a series the last ten panels are remembered, and the last 200,000 series. What is in /metrics/index.json and not here was not read.',
  parameters: z.object({
    dashboard: parameter('Only what this dashboard read.'),
    limit: parameter(
      `At most so many series, those read last. Default: ${DEFAULT_LIMIT}; at most ${MAX_LIMIT}.`,
    ),
  }),
  answer: {
    schema: usageReport,
    contentTypes: ['application/json'],
    description:
      '`{"series": [{"key", "uses": [{"dashboard", "panel", "count", "lastMs"}]}]}`, those that were read last first.',
  },
  handler:
    ({ services }) =>
    async ({ parameters }) => {
      const limit = Math.max(0, Math.min(readInteger(parameters, 'limit', DEFAULT_LIMIT), MAX_LIMIT))
      const series = await services.usage({ dashboard: lastValue(parameters, 'dashboard'), limit })
      return answerJson({
        series: series.map(({ key, uses }) => ({
          key,
          uses: uses.map(({ origin, count, lastMs }) => ({
            dashboard: origin?.dashboard ?? null,
            panel: origin?.panel ?? null,
            count,
            lastMs,
          })),
        })),
      })
    },
}
