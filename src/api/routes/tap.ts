import * as z from 'zod'
import { compileKeyFilter } from '../../lib/key-filter.ts'
import { TAP_STAGES, type TapStage } from '../../model/tap.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Parameters } from '../parameters.ts'
import type { Route } from '../route.ts'
import type { ApiServices } from '../services.ts'
import { openTapStream } from '../tap-stream.ts'
import { parameter } from './graphite-parameters.ts'

const MOST_PATTERN_CHARACTERS = 1_000

export const tap: Route = {
  methods: ['GET'],
  url: '/api/tap',
  scope: 'read',
  summary: 'What passes a stage, as it passes.',
  description:
    'A stream of lines of JSON that ends when the client leaves. Nothing waits for it: of lines, the first of each second are ' +
    'looked at (5,000 per thread) and shown (200); of points up to 1,000 a second are, and 50,000 of a batch are looked at. What is left out is said.',
  parameters: z.object({
    stage: parameter(
      '`received`: lines that came in; `aggregated`: points of each flush; `stored`: points that the store has taken; `sent:NAME`: what a sink has delivered. Default: `received`.',
    ),
    pattern: parameter(
      'Only names that this matches: a glob, in which `**` stands for any nodes. Lines are meant by the metrics they became. Default: all.',
    ),
  }),
  answer: {
    contentTypes: ['application/x-ndjson'],
    description:
      '`kind` is `begins`, `line` (as in /api/incoming), `point` (`key`, `value`, `timeMs`), `event` or `left_out` (`count`; of lines, whether there were more: 1).',
  },
  handler:
    ({ services }) =>
    ({ method, parameters }) => {
      const question = readQuestion(parameters, services)
      return {
        contentType: 'application/x-ndjson',
        // Proxies that collect answers before they pass them on would hold it back.
        headers: { 'x-accel-buffering': 'no' },
        body: method === 'HEAD' ? '' : openTapStream(services, question),
      }
    },
}

function readQuestion(parameters: Parameters, services: ApiServices) {
  const [given = 'received'] = parameters['stage'] ?? []
  const [pattern] = parameters['pattern'] ?? []
  if (pattern !== undefined) {
    const filter =
      pattern.length > MOST_PATTERN_CHARACTERS
        ? ({ isCompiled: false, limit: `has more than ${MOST_PATTERN_CHARACTERS} characters` } as const)
        : compileKeyFilter(pattern)
    if (!filter.isCompiled) throw invalid(`Parameter \`pattern\`: the pattern ${filter.limit}.`)
  }
  const [, name, sink] = /^(received|aggregated|stored|sent)(?::(.+))?$/s.exec(given) ?? []
  const stage = TAP_STAGES.find((one) => one === name) satisfies TapStage | undefined
  if (stage === undefined || (stage === 'sent') !== (sink !== undefined))
    throw invalid(
      'Parameter `stage`: known are received, aggregated, stored, and sent:NAME with the name of a sink.',
    )
  const status = services.status()
  if (stage === 'stored' && !status.store.isEnabled) throw new KymoError('store-disabled')
  const sinks = status.sinks.map((one) => one.name)
  if (sink !== undefined && !sinks.includes(sink))
    throw invalid(
      `Parameter \`stage\`: there is no sink of this name; there ${sinks.length === 0 ? 'are none' : `is ${sinks.join(', ')}`}.`,
    )
  return { stage, pattern, sink }
}

function invalid(problem: string): KymoError {
  return new KymoError('request-invalid', { problem })
}
