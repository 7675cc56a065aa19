import * as z from 'zod'
import { readJsonStyle } from '../../query/request-parameters.ts'
import { MAX_FOUND_EVENTS } from '../../store/events.ts'
import { encodeJson } from '../encode/json.ts'
import type { Route } from '../route.ts'
import { toGraphiteEvent } from './events-format.ts'
import { eventParameters, MAX_EVENT_ANSWER_BYTES, readEventQuery } from './events-query.ts'
import { graphiteEvent } from '../schemas/event-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

/** What Grafana asks for annotations. */
export const eventsGetData: Route = {
  methods: ['GET', 'POST'],
  url: '/events/get_data',
  scope: 'read',
  summary: 'The events of a time range, oldest first, as Graphite answers them.',
  description: 'Events and service checks of StatsD are there too.',
  parameters: z.object(eventParameters),
  answer: {
    schema: z.array(graphiteEvent),
    contentTypes: ['application/json'],
    description:
      '`[{"id", "what", "when": seconds, "data", "tags": [...], "kind"}]`, and what an event has of `hostname`, ' +
      '`aggregationKey`, `sourceType`, `priority`, `alertType` and `status`.',
  },
  errors: [...QUERY_ERRORS, 'time-invalid'],
  handler:
    ({ services, clock }) =>
    async ({ parameters, signal }) => {
      const style = readJsonStyle(parameters)
      const query = readEventQuery(parameters, { clock, defaultLimit: MAX_FOUND_EVENTS })
      const events = await services.events.find(query, signal)
      return encodeJson([...events].reverse().map(toGraphiteEvent), {
        ...style,
        maxBytes: MAX_EVENT_ANSWER_BYTES,
      })
    },
}
