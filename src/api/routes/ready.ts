import * as z from 'zod'
import { KymoError } from '../../telemetry/errors.ts'
import { answerJson, type Route } from '../route.ts'

export const ready: Route = {
  methods: ['GET'],
  url: '/ready',
  scope: 'read',
  summary: 'Whether Kymo takes in and answers. 503 `not-ready` with the reason until it does.',
  answer: {
    schema: z.object({ ready: z.literal(true) }),
    contentTypes: ['application/json'],
    description: '`{"ready": true}`',
  },
  errors: ['not-ready'],
  handler:
    ({ services }) =>
    () => {
      const reason = services.notReadyReason()
      if (reason !== undefined) throw new KymoError('not-ready', { reason })
      return answerJson({ ready: true })
    },
}
