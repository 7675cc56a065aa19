import * as z from 'zod'
import { KymoError } from '../../telemetry/errors.ts'
import { answerJson, type Route } from '../route.ts'
import { rulesReport } from '../schemas/store-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

const file = z.strictObject({
  path: z.string().max(4_096).describe('What the file is called in problems and in the answer.'),
  text: z.string().describe('What stands in it.'),
})
const seconds = z.int().min(1).max(1e10)

const wanted = z.strictObject({
  schemas: file
    .nullable()
    .optional()
    .describe('A storage-schemas.conf; null: none. Default: the one in force.'),
  aggregations: file
    .nullable()
    .optional()
    .describe('A storage-aggregation.conf; null: none. Default: the one in force.'),
  retentions: z
    .array(z.strictObject({ stepSeconds: seconds, retentionSeconds: seconds }))
    .min(1)
    .max(100)
    .optional()
    .describe('Of series that no rule of `schemas` matches, the finest first. Default: those in force.'),
})

export const rules: Route = {
  methods: ['POST'],
  url: '/api/rules',
  scope: 'admin',
  summary: 'What other rules of keeping would do to the series that there are. Changes nothing.',
  description:
    '`kymo rules` asks here. With nothing in the body it says what the rules in force catch. How many slots fall out is said of the times in which series were seen, so there are no more; ' +
    'gaps are not known of. Of a million series and ten rules it takes some ten seconds, in slices, beside everything else.',
  body: wanted,
  answer: {
    schema: rulesReport,
    contentTypes: ['application/json'],
    description:
      '`{"series", "schemas": [{"rule": {"path", "line", "section", "pattern"}, "retentions", "series", "examples"}], "aggregations": [{"rule", "method", "xFilesFactor", "series", "examples"}], ' +
      '"changed", "changes": [{"before": {"retentions", "rollup", "xFilesFactor"}, "after", "series", "examples", "lost": [{"stepSeconds", "slots", "fromMs", "untilMs"}], "notMadeSteps"}], ' +
      '"dropped": [{"stepSeconds", "points", "bytes"}], "bytesPerPoint": [{"stepSeconds", "bytes"}]}`: of each rule in the order in which they are tried, the default last with `null` as its rule, how many series it ' +
      'catches; how many series are kept otherwise than now, from what to what; what of them is not answered any more; and what files go. A step of 0 is that of points as they came.',
  },
  errors: [...STORE_ERRORS, 'rules-invalid', 'query-too-long'],
  handler:
    ({ services }) =>
    async ({ body, signal }) => {
      const { success, data } = wanted.safeParse(body ?? {})
      if (!success)
        throw new KymoError('request-invalid', {
          problem:
            'The body has to be a JSON object with `schemas` and `aggregations` as `{"path", "text"}` and `retentions` as `[{"stepSeconds", "retentionSeconds"}]`, or without them',
        })
      const { schemas, aggregations, retentions } = data
      const after = {
        ...(schemas === undefined ? {} : { schemas: schemas ?? undefined }),
        ...(aggregations === undefined ? {} : { aggregations: aggregations ?? undefined }),
        ...(retentions === undefined ? {} : { defaultRetentions: retentions }),
      }
      return answerJson(await services.rules({ after }, signal))
    },
}
