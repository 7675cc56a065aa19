import * as z from 'zod'
import type { Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'
import { seriesToExport } from '../schemas/store-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

export const exportSeries: Route = {
  methods: ['GET', 'POST'],
  url: '/api/export/series',
  scope: 'read',
  summary: 'Which series there are, for moving them elsewhere.',
  parameters: z.object({
    pattern: parameter(
      'A Graphite glob, or the whole key of a tagged series. Default: all, tagged ones too.',
    ),
  }),
  answer: {
    schema: seriesToExport,
    contentTypes: ['application/json'],
    description:
      '`{"series": [{"key", "rollup", "first_ms", "last_ms"}]}`, sorted by key; a million at most.',
  },
  errors: QUERY_ERRORS,
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'export-series', parameters }, signal),
}
