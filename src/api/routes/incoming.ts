import * as z from 'zod'
import { readInteger } from '../answers/answer-context.ts'
import { answerJson, type Route } from '../route.ts'
import { incomingLines } from '../schemas/incoming-answer.ts'
import { parameter } from './graphite-parameters.ts'

export const incoming: Route = {
  methods: ['GET'],
  url: '/api/incoming',
  scope: 'read',
  summary: 'Some of the lines that come in, who sent them, and what became of each.',
  description:
    'Asking makes the threads that take in hand over the first lines of each second, 20 that can be read and 20 that are ' +
    'refused per thread, for five seconds: ask about once a second, with the `lastId` of the answer before. ' +
    'The newest 500 are remembered.',
  parameters: z.object({
    after: parameter('Only lines with a greater id. Default: 0.'),
  }),
  answer: {
    schema: incomingLines,
    contentTypes: ['application/json'],
    description:
      '`outcome` is `metric`, `event`, `excluded` (by the intake rules) or `rejected`, with a `reason`; the oldest line comes first.',
  },
  handler:
    ({ services }) =>
    ({ parameters }) =>
      answerJson(services.incomingLines(Math.max(0, readInteger(parameters, 'after', 0)))),
}
