import type { Route } from '../route.ts'
import { LINES_ANSWER, LINES_BODY, takeLines } from '../take-lines.ts'

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
  handler:
    ({ services }) =>
    (request) =>
      takeLines(services, request, { format: 'statsd' }),
}
