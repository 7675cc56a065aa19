import * as z from 'zod'
import { excerpt } from '../../lib/excerpt.ts'
import { lastValue } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { Parameters } from '../parameters.ts'
import type { Route } from '../route.ts'
import type { LinesToTake } from '../services.ts'
import { LINES_ANSWER, LINES_BODY, LINES_ERRORS, takeLines } from '../take-lines.ts'
import { parameter } from './graphite-parameters.ts'

const common: Omit<Route, 'url' | 'summary'> = {
  methods: ['POST'],
  scope: 'write',
  description: 'Which database, organisation or bucket is named makes no difference.',
  parameters: z.object({
    precision: parameter('In what times are: `ns` (the default), `us`, `ms`, `s`, `m` or `h`.'),
  }),
  bytes: {
    ...LINES_BODY,
    contentType: 'text/plain',
    description: 'as [influx-line.md](../formats/influx-line.md) describes it.',
  },
  answer: LINES_ANSWER,
  errors: LINES_ERRORS,
  handler:
    ({ services }) =>
    (request) =>
      takeLines(services, request, { format: 'influx', unit: readUnit(request.parameters) }),
}

export const writeInflux: Route = {
  ...common,
  url: '/write',
  summary: "Takes in points in Influx' line protocol, as Influx 1 does.",
}

export const writeInflux2: Route = {
  ...common,
  url: '/api/v2/write',
  summary: "Takes in points in Influx' line protocol, as Influx 2 does.",
}

/** Influx 1 has short words, too. */
const UNITS: Readonly<Record<string, LinesToTake['unit']>> = Object.assign(
  Object.create(null) as Record<string, LinesToTake['unit']>,
  { n: 'ns', ns: 'ns', u: 'us', us: 'us', µ: 'us', ms: 'ms', s: 's', m: 'm', h: 'h' },
)

function readUnit(parameters: Parameters): LinesToTake['unit'] {
  const text = lastValue(parameters, 'precision')
  if (text === undefined) return 'ns'
  const unit = UNITS[text]
  if (unit !== undefined) return unit
  throw new KymoError('request-invalid', {
    problem: `Parameter \`precision\`: "${excerpt(text, 100)}" is none of ns, us, ms, s, m and h.`,
  })
}
