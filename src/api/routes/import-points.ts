import * as z from 'zod'
import { MOST_POINT_BYTES, POINT_COLUMNS_TYPE } from '../../formats/point-columns/point-columns.ts'
import { answerJson, type Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { importResult } from '../schemas/store-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

export const importPoints: Route = {
  methods: ['POST'],
  url: '/api/import/points',
  scope: 'write',
  summary: 'Takes in points of the past, as columns.',
  description:
    '`kymo import` sends its points here. They are stored and passed to no sink. A point replaces the one of its series and time, so that what ' +
    'may have been lost can be sent again. A body that is not right is refused whole.',
  parameters: z.object({
    durable: parameter(
      '`1`: answer when this and everything before survives a power cut, and not as soon as it can be read. The body may be empty.',
    ),
  }),
  bytes: {
    contentType: POINT_COLUMNS_TYPE,
    limitBytes: MOST_POINT_BYTES,
    description: 'as [point-columns.md](../formats/point-columns.md) describes it.',
  },
  answer: {
    schema: importResult,
    contentTypes: ['application/json'],
    description:
      '`{"stored", "outside", "over_limit"}`: how many points were stored, how many are older than the store keeps them or too far ahead of the clock, and how many are of series that are more than the limits allow.',
  },
  errors: [...STORE_ERRORS, 'store-write-failed'],
  handler:
    ({ services }) =>
    async ({ body, parameters }) => {
      const columns = body instanceof Uint8Array ? body : new Uint8Array()
      const { stored, outside, overLimit } = await services.importPoints(
        columns,
        parameters.durable?.at(-1) === '1',
      )
      return answerJson({ stored, outside, over_limit: overLimit })
    },
}
