import { answerJson, type Route } from '../route.ts'
import { statusReport } from '../schemas/status-answer.ts'

export const status: Route = {
  methods: ['GET'],
  url: '/api/status',
  scope: 'read',
  summary: 'What Kymo is doing: addresses, what came in, what was refused and why, the store, the sinks.',
  answer: { schema: statusReport, contentTypes: ['application/json'], description: 'The status report.' },
  handler:
    ({ services }) =>
    () =>
      answerJson(services.status()),
}
