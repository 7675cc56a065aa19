import type { Route } from '../route.ts'

export const metricList: Route = {
  methods: ['GET'],
  url: '/api/metrics',
  scope: 'read',
  summary: 'The metrics as they were sent, the newest first, each with its series.',
  answer: { contentTypes: ['application/json'], description: 'The metrics.' },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'metrics', parameters }, signal),
}
