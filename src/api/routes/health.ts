import * as z from 'zod'
import { answerJson, type Route } from '../route.ts'

export const health: Route = {
  methods: ['GET'],
  url: '/health',
  scope: 'read',
  summary: 'Whether the process lives. To be started again if this does not answer.',
  answer: {
    schema: z.object({ alive: z.literal(true) }),
    contentTypes: ['application/json'],
    description: '`{"alive": true}`',
  },
  handler: () => () => answerJson({ alive: true }),
}
