import * as z from 'zod'
import type { Route } from '../route.ts'
import { drawParameters } from './draw-parameters.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'

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
    ...jsonParameters,
    ...drawParameters,
  }),
  answer: {
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
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'render', parameters }, signal),
}
