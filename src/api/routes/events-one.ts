import * as z from 'zod'
import { excerpt } from '../../lib/excerpt.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { answerJson, type Route } from '../route.ts'
import { toGraphiteEvent } from './events-format.ts'
import { graphiteEvent } from '../schemas/event-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

export const eventsOne: Route = {
  methods: ['GET'],
  url: '/events/:id',
  scope: 'read',
  summary: 'One event.',
  pathParameters: z.object({ id: z.string().describe('The number that POST /events answered.') }),
  answer: {
    schema: graphiteEvent,
    contentTypes: ['application/json'],
    description: 'The event, as in /events/get_data.',
  },
  errors: [...STORE_ERRORS, 'event-unknown'],
  handler:
    ({ services }) =>
    async ({ pathParameters: { id = '' } }) => {
      const event = /^[0-9]{1,15}$/.test(id) ? await services.events.get(Number(id)) : undefined
      if (event === undefined) throw new KymoError('event-unknown', { id: excerpt(id, 50) })
      return answerJson(toGraphiteEvent(event))
    },
}
