import type { Route } from '../route.ts'
import { LINES_ANSWER, LINES_BODY, LINES_ERRORS, takeLines } from '../take-lines.ts'

export const writeStatsd: Route = {
  methods: ['POST'],
  url: '/api/write/statsd',
  scope: 'write',
  summary: 'Takes in samples as lines of StatsD.',
  bytes: {
    ...LINES_BODY,
    contentType: 'text/plain',
    description: 'as [statsd.md](../formats/statsd.md) describes it.',
  },
  answer: LINES_ANSWER,
  errors: LINES_ERRORS,
  handler:
    ({ services }) =>
    (request) =>
      takeLines(services, request, { format: 'statsd' }),
}
