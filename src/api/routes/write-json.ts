import type { Route } from '../route.ts'
import { LINES_ANSWER, LINES_BODY, LINES_ERRORS, takeLines } from '../take-lines.ts'

export const writeJson: Route = {
  methods: ['POST'],
  url: '/api/write/json',
  scope: 'write',
  summary: 'Takes in points as JSON.',
  bytes: {
    ...LINES_BODY,
    contentType: 'application/json',
    description: 'as [json-points.md](../formats/json-points.md) describes it.',
  },
  answer: LINES_ANSWER,
  errors: LINES_ERRORS,
  handler:
    ({ services }) =>
    (request) =>
      takeLines(services, request, { format: 'json' }),
}
