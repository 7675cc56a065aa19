import { answerJson, type Route } from '../route.ts'

export const status: Route = {
  methods: ['GET'],
  url: '/api/status',
  scope: 'read',
  summary: 'What Kymo is doing: addresses, what came in, what was refused and why, the store, the sinks.',
  answer: { contentTypes: ['application/json'], description: 'The status report.' },
  handler:
    ({ services }) =>
    () =>
      answerJson(services.status()),
}
