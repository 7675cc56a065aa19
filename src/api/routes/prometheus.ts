import * as z from 'zod'
import { CONTENT_TYPES, negotiate } from '../../formats/prometheus-text/negotiate.ts'
import { lastValue } from '../../query/request-parameters.ts'
import type { Route } from '../route.ts'
import { parameter } from './graphite-parameters.ts'

/** All of the answer comes in pieces. */
const NOTHING = new Uint8Array()

export const prometheus: Route = {
  methods: ['GET'],
  url: '/prometheus',
  scope: 'read',
  summary: 'What the sink `prometheus` has added up, for Prometheus to scrape.',
  description:
    "In Prometheus' text format, version 0.0.4. Whoever asks for OpenMetrics and not for text is given OpenMetrics 1.0, in which the names of counters end in `_total`; whoever likes protocol buffers best is given those, " +
    'with native histograms in them.',
  parameters: z.object({
    sink: parameter('Name of the sink, where there are several. Left out: the first.'),
  }),
  answer: {
    contentTypes: ['text/plain', 'application/openmetrics-text', 'application/vnd.google.protobuf'],
    description: 'all series with their help and their types.',
  },
  errors: ['exposition-unknown'],
  handler:
    ({ services }) =>
    async ({ accept, parameters }) => {
      const format = negotiate(accept)
      const rest = await services.expose({ sink: lastValue(parameters, 'sink'), format })
      return { contentType: CONTENT_TYPES[format], headers: { vary: 'accept' }, body: NOTHING, rest }
    },
}
