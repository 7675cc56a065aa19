import { KymoError } from '../../telemetry/errors.ts'
import { answerJson, type Route } from '../route.ts'

export const ready: Route = {
  methods: ['GET'],
  url: '/ready',
  scope: 'read',
  summary: 'Whether Kymo takes in and answers. 503 `not-ready` with the reason until it does.',
  answer: { contentTypes: ['application/json'], description: '`{"ready": true}`' },
  handler:
    ({ services }) =>
    () => {
      const reason = services.notReadyReason()
      if (reason !== undefined) throw new KymoError('not-ready', { reason })
      return answerJson({ ready: true })
    },
}
