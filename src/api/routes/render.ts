import * as z from 'zod'
import type { Route } from '../route.ts'
import { jsonParameters, parameter, timeRangeParameters } from './graphite-parameters.ts'

export const render: Route = {
  methods: ['GET', 'POST'],
  url: '/render',
  scope: 'read',
  summary: 'The points of series, as Graphite answers them.',
  parameters: z.object({
    target: parameter(
      'What to read: a path such as `stats.counters.*.rate`. Repeat it for several. In a name, a backslash goes before ' +
        'each of `( ) { } , . \' " \\ | =`.',
    ),
    ...timeRangeParameters,
    format: parameter(
      '`json` (the default), `csv`, `raw`, `pickle`, `msgpack`, `dygraph` or `rickshaw`. `rawData` and `pickle` without it ask ' +
        'for those formats, as they once did.',
    ),
    maxDataPoints: parameter('JSON only: at most so many points for each series; they are consolidated.'),
    noNullPoints: parameter('JSON only: leave out points without a value.'),
    ...jsonParameters,
  }),
  answer: {
    contentTypes: [
      'application/json',
      'text/csv',
      'text/plain',
      'application/pickle',
      'application/x-msgpack',
    ],
    description: 'One entry for each series, in the order of the targets.',
  },
  handler:
    ({ services }) =>
    ({ parameters, signal }) =>
      services.query({ kind: 'render', parameters }, signal),
}
