import { answerJson, type Route } from '../route.ts'
import { flushResult } from '../schemas/store-answers.ts'

export const flush: Route = {
  methods: ['POST'],
  url: '/api/flush',
  scope: 'admin',
  summary: 'Closes the interval now and flushes it. For tests.',
  answer: {
    schema: flushResult,
    contentTypes: ['application/json'],
    description: '`{"timestamp": seconds, "timestamp_ms": milliseconds, "series": how many}`',
  },
  errors: ['not-ready'],
  handler:
    ({ services }) =>
    async () => {
      const { timestampMs, seriesCount } = await services.flushNow()
      return answerJson({
        timestamp: Math.floor(timestampMs / 1000),
        timestamp_ms: timestampMs,
        series: seriesCount,
      })
    },
}
