import * as z from 'zod'
import { KymoError } from '../../telemetry/errors.ts'
import { readDocument } from '../read-document.ts'
import { answerJson, type Route } from '../route.ts'
import { deletionReport } from '../schemas/store-answers.ts'
import { QUERY_ERRORS } from '../route-errors.ts'

const MOST_WANTED = 1_000
const seconds = z.number().finite()

const wanted = z.strictObject({
  patterns: z
    .array(z.string().min(1).max(65_536))
    .max(MOST_WANTED)
    .optional()
    .describe('Globs of series, or their whole names.'),
  expressions: z
    .array(z.string().min(1).max(65_536))
    .max(MOST_WANTED)
    .optional()
    .describe('Tag expressions, as `seriesByTag` takes them, all of which have to hold.'),
  from: seconds.optional().describe('Epoch seconds of the first points to go. Default: the oldest.'),
  until: seconds.optional().describe('Epoch seconds behind the last points to go. Default: the newest.'),
  dry_run: z.boolean().optional().describe('`false` deletes. Default: `true`, tell only what would go.'),
})

export const deleteSeries: Route = {
  methods: ['POST'],
  url: '/api/delete',
  scope: 'admin',
  summary: 'Deletes points of series, or tells what would be deleted.',
  description:
    '`kymo delete` asks here. A series that keeps no point is gone with its name; one that is still sent comes back with its next point. Rolled-up slots go ' +
    'where they begin in the range.',
  body: wanted,
  answer: {
    schema: deletionReport,
    contentTypes: ['application/json'],
    description:
      '`{"series", "names", "deleted"}`: how many series reach into the range, the first 100 of them, and how many lost points',
  },
  errors: [...QUERY_ERRORS, 'store-write-failed'],
  handler:
    ({ services }) =>
    async ({ body }) => {
      const data = readDocument(
        wanted,
        body,
        '`patterns` or `expressions`, and if wanted `from`, `until` and `dry_run`',
      )
      const { patterns = [], expressions = [], from, until, dry_run: isDryRun = true } = data
      if (patterns.length + expressions.length === 0)
        throw invalid('Neither `patterns` nor `expressions` says which series')
      const range = {
        startMs: from === undefined ? Number.NEGATIVE_INFINITY : from * 1_000,
        endMs: until === undefined ? Number.POSITIVE_INFINITY : until * 1_000,
      }
      if (range.startMs >= range.endMs) throw invalid('`from` is not before `until`')
      return answerJson(await services.store.deleteSeries({ patterns, expressions, range, isDryRun }))
    },
}

function invalid(problem: string): KymoError {
  return new KymoError('request-invalid', { problem })
}
