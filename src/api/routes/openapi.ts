import { answerJson, type Route } from '../route.ts'

export const openapi: Route = {
  methods: ['GET'],
  url: '/api/openapi.json',
  scope: 'read',
  summary: 'This list, as an OpenAPI 3.1 document.',
  answer: { contentTypes: ['application/json'], description: 'The document.' },
  handler:
    ({ describeApi }) =>
    () =>
      answerJson(describeApi()),
}
