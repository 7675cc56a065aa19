import * as z from 'zod'
import { POINT_COLUMNS_TYPE } from '../../formats/point-columns/point-columns.ts'
import type { Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const exportPoints: Route = {
  methods: ['POST'],
  url: '/api/export/points',
  scope: 'read',
  summary: 'All there is of series: points as they came, and before that the values of the tiers.',
  description:
    'At most 1,000 series and 4,194,304 points at once; ask for fewer series or a shorter time otherwise.',
  parameters: z.object({
    key: parameter('The whole key of a series. Repeat it for several.'),
    rollup: parameter(
      'How its values become those of a coarser step, as `/api/export/series` says: `sum`, `min`, `max`, `mean` or `last`; one for each key.',
    ),
    from_ms: parameter('Start of the time range, inclusive: epoch milliseconds. Default: 0.'),
    until_ms: parameter('Its end, exclusive. Default: none.'),
  }),
  answer: {
    contentTypes: [POINT_COLUMNS_TYPE],
    description: 'the series in the order asked for; [point-columns.md](../formats/point-columns.md).',
  },
  errors: [...QUERY_ERRORS, 'too-many-points'],
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'export-points', parameters }, signal),
}
