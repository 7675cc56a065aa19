import * as z from 'zod'
import { lastValue } from '../../query/request-parameters.ts'
import { readCacheSeconds } from '../answer-cache.ts'
import type { Parameters } from '../parameters.ts'
import type { Route } from '../route.ts'
import { drawParameters } from './draw-parameters.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'
import { rendered } from '../schemas/graphite-answers.ts'
import { TARGET_ERRORS } from '../route-errors.ts'

/** For how long a client may keep the answer: until the next point is due, where it has said that it would. */
function cacheSeconds(
  parameters: Parameters,
  { stepSeconds, nowMs }: { stepSeconds: number | undefined; nowMs: number },
): number | undefined {
  if (lastValue(parameters, 'cacheTimeout') === undefined || stepSeconds === undefined) return undefined
  const wanted = readCacheSeconds(parameters)
  if (wanted === 0) return undefined
  return Math.floor(Math.min(wanted, stepSeconds - ((nowMs / 1000) % stepSeconds)))
}

export const render: Route = {
  methods: ['GET', 'POST'],
  url: '/render',
  scope: 'read',
  summary: 'The points of series, drawn or as data, as Graphite answers them.',
  parameters: z.object({
    target: parameter(
      'What to read: a path such as `stats.counters.*.rate`. Repeat it for several. In a name, a backslash goes before ' +
        'each of `( ) { } , . \' " \\ | =`.',
    ),
    ...timeRangeParameters,
    format: parameter(
      '`png` (the default), `svg`, `json`, `csv`, `raw`, `pickle`, `msgpack`, `dygraph` or `rickshaw`. `rawData` and `pickle` without it ask ' +
        'for those formats, as they once did.',
    ),
    maxDataPoints: parameter('JSON only: at most so many points for each series; they are consolidated.'),
    stitch: parameter(
      '`1`: all of the range in the finest step that any of it is kept in. What is older has the same value in several points, or of a sum its share. By itself the step is that of the oldest part.',
    ),
    noNullPoints: parameter('JSON only: leave out points without a value.'),
    meta: parameter(
      'JSON only: `true` answers in Metrictank\'s dialect, `{"version", "meta", "series"}`: with each series stands from which roll-up it was read.',
    ),
    cacheTimeout: parameter(
      'Seconds for which an answer may be given again, by Kymo while nothing is stored, and by the client until the next point is due. ' +
        'Default: 60, by Kymo only. 0: not at all.',
    ),
    noCache: parameter('Do not give an answer again.'),
    ...jsonParameters,
    ...drawParameters,
  }),
  answer: {
    schema: rendered,
    contentTypes: [
      'image/png',
      'image/svg+xml',
      'application/json',
      'text/csv',
      'text/plain',
      'application/pickle',
      'application/x-msgpack',
    ],
    description: 'An image, or data with one entry for each series, in the order of the targets.',
  },
  errors: [...TARGET_ERRORS, 'format-unknown'],
  handler:
    ({ services, clock }) =>
    async ({ parameters, origin, signal }) => {
      const { stepSeconds, ...answer } = await services.query(
        { kind: 'render', parameters, ...(origin !== undefined && { origin }) },
        signal,
      )
      const seconds = cacheSeconds(parameters, { stepSeconds, nowMs: clock.nowMs() })
      if (seconds === undefined) return answer
      return { ...answer, headers: { 'cache-control': `private, max-age=${seconds}` } }
    },
}
