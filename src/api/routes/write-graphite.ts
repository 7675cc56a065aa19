import type { Route } from '../route.ts'
import { LINES_ANSWER, LINES_BODY, LINES_ERRORS, takeLines } from '../take-lines.ts'

export const writeGraphite: Route = {
  methods: ['POST'],
  url: '/api/write/graphite',
  scope: 'write',
  summary: "Takes in points as lines of Graphite's.",
  bytes: {
    ...LINES_BODY,
    contentType: 'text/plain',
    description: 'as [graphite-plaintext.md](../formats/graphite-plaintext.md) describes it.',
  },
  answer: LINES_ANSWER,
  errors: LINES_ERRORS,
  handler:
    ({ services }) =>
    (request) =>
      takeLines(services, request, { format: 'graphite' }),
}
