import * as z from 'zod'
import { readJsonStyle } from '../../query/request-parameters.ts'
import { encodeJson } from '../encode/json.ts'
import type { Route } from '../route.ts'
import { toEvent } from './events-format.ts'
import { eventParameters, MAX_EVENT_ANSWER_BYTES, readEventQuery } from './events-query.ts'
import { event } from '../schemas/event-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

const DEFAULT_LIMIT = 100

export const eventsList: Route = {
  methods: ['GET'],
  url: '/events',
  scope: 'read',
  summary: `The newest events, newest first: ${DEFAULT_LIMIT} of them, if \`limit\` does not say otherwise.`,
  parameters: z.object(eventParameters),
  answer: {
    schema: z.object({ events: z.array(event) }),
    contentTypes: ['application/json'],
    description:
      '`{"events": [{"id", "kind", "timeMs", "title", "text", "tags": [...]}]}`, and what an event has of `hostname`, ' +
      '`aggregationKey`, `sourceType`, `priority`, `alertType` and `status`.',
  },
  errors: [...QUERY_ERRORS, 'time-invalid'],
  handler:
    ({ services, clock }) =>
    async ({ parameters, signal }) => {
      const style = readJsonStyle(parameters)
      const query = readEventQuery(parameters, { clock, defaultLimit: DEFAULT_LIMIT })
      const events = await services.events.find(query, signal)
      return encodeJson({ events: events.map(toEvent) }, { ...style, maxBytes: MAX_EVENT_ANSWER_BYTES })
    },
}
