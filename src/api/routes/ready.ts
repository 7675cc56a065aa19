import * as z from 'zod'
import { readFlag } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { answerError } from '../error-answer.ts'
import { answerJson, type Route, type RouteAnswer } from '../route.ts'
import { deepReadiness } from '../schemas/ready-answer.ts'
import type { ApiServices, SinkStatus } from '../services.ts'
import { parameter } from './graphite-parameters.ts'

export const ready: Route = {
  methods: ['GET'],
  url: '/ready',
  scope: 'read',
  summary: 'Whether Kymo takes in and answers. 503 `not-ready` with the reason until it does.',
  description:
    'With `deep`, whether all that it depends on and passes metrics on to works as well, one by one: for people and monitoring. Whoever starts a process again, or takes it out of service, is to ask without: a sink that is away is no reason for either.',
  parameters: z.object({
    deep: parameter(
      'Ask about dependencies and sinks as well. Its value does not matter, unless it is 0 or false.',
    ),
  }),
  answer: {
    schema: z.union([z.object({ ready: z.literal(true) }), deepReadiness]),
    contentTypes: ['application/json'],
    description: '`{"ready": true}`; with `deep` also `dependencies` and `sinks`',
  },
  errors: ['not-ready'],
  otherBodies: { 503: deepReadiness },
  handler:
    ({ services, clock }) =>
    ({ parameters }) => {
      if (readFlag(parameters, 'deep')) return answerDeep(services, clock.nowMs())
      const reason = services.notReadyReason()
      if (reason !== undefined) throw new KymoError('not-ready', { reason })
      return answerJson({ ready: true })
    },
}

/** One that is not ready has all that an error has, too. */
function answerDeep(services: ApiServices, nowMs: number): RouteAnswer {
  const dependencies = services.dependencies()
  const sinks = services.status().sinks.map((sink) => describe(sink, nowMs))
  const reason =
    services.notReadyReason() ??
    dependencies.find(({ problem }) => problem !== null)?.problem ??
    sinks.filter(({ state }) => state !== 'ok').map(({ name, state }) => `the sink "${name}" is ${state}`)[0]
  if (reason === undefined) return answerJson({ ready: true, dependencies, sinks })
  const { status, headers, body } = answerError(new KymoError('not-ready', { reason }))
  const error = JSON.parse(body) as object
  return {
    ...answerJson({ ...error, ready: false, dependencies, sinks }),
    status,
    headers: { 'retry-after': headers['retry-after'] ?? '1' },
  }
}

function describe(sink: SinkStatus, nowMs: number): z.input<typeof deepReadiness>['sinks'][number] {
  const { name, type, state, queuedPoints, spoolBytes, oldestMs, lastSuccessMs } = sink
  return {
    name,
    type,
    state,
    queuedPoints,
    spoolBytes,
    oldestWaitingSeconds: oldestMs === null ? null : Math.max(0, nowMs - oldestMs) / 1_000,
    lastSuccessMs,
    lastError:
      sink.lastError === null
        ? null
        : { code: sink.lastErrorCode, message: sink.lastError, help: sink.lastErrorHelp },
  }
}
