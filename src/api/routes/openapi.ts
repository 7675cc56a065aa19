import * as z from 'zod'
import { answerJson, type Route } from '../route.ts'

export const openapi: Route = {
  methods: ['GET'],
  url: '/api/openapi.json',
  scope: 'read',
  summary: 'This list, as an OpenAPI 3.1 document.',
  answer: {
    schema: z.record(z.string(), z.unknown()),
    contentTypes: ['application/json'],
    description: 'The document.',
  },
  handler:
    ({ describeApi }) =>
    () =>
      answerJson(describeApi()),
}
