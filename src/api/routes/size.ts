import * as z from 'zod'
import { excerpt } from '../../lib/excerpt.ts'
import { lastValue } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { readInteger } from '../answers/answer-context.ts'
import { answerJson, type Route } from '../route.ts'
import { SIZE_ORDERS, type SizeOrder } from '../services.ts'
import { parameter } from './graphite-parameters.ts'
import { sizeReport } from '../schemas/store-answers.ts'
import { STORE_ERRORS } from '../route-errors.ts'

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000
const LONGEST_PREFIX_CHARACTERS = 65_536

export const size: Route = {
  methods: ['GET'],
  url: '/api/size',
  scope: 'read',
  summary: 'What takes the most space: what is below a prefix, child by child.',
  description:
    'Names and times are those of the series that there are now; points and bytes are those of the files. Series that are packed together have a share of what they have in common, and ' +
    'what came in the last minutes has a share of the log. Points of series that were deleted are among the others until their files are packed again. The first question about a large ' +
    'store reads the index of every file, which takes about a second for a million series in a file; what it said is remembered.',
  parameters: z.object({
    prefix: parameter(
      '`a.b`: the children of `a.b`. `;env`: the values of the tag `env`; `;env=prod;host`: those of `host` where the other is so. Default: the first nodes of all names.',
    ),
    order: parameter('`bytes` (the default), `points` or `series`: which children come first, the largest.'),
    limit: parameter(`At most so many children. Default: ${DEFAULT_LIMIT}; at most ${MAX_LIMIT}.`),
  }),
  answer: {
    schema: sizeReport,
    contentTypes: ['application/json'],
    description:
      '`{"prefix", "series", "points", "slots", "bytes", "children": [{"path", "isLeaf", "isBranch", "series", "points", "slots", "bytes", "firstSeenMs", "lastSeenMs", "lastQueriedMs", "lastQueriedFor"}], ' +
      '"others": {"series", "points", "slots", "bytes"}}`: in all, of each child, and of what is in none of these. `slots` are points of coarser steps. A path is the prefix and one node more; below the name ' +
      'of tagged series it is a whole key, and where the prefix is a series itself, the prefix. `lastQueriedMs` is null where no query has read it since the start, and `lastQueriedFor` ' +
      '(`{"dashboard", "panel"}`) where the last one did not say for what.',
  },
  errors: [...STORE_ERRORS, 'query-too-long'],
  handler:
    ({ services }) =>
    async ({ parameters, signal }) => {
      const prefix = readPrefix(lastValue(parameters, 'prefix') ?? '')
      const limit = Math.max(0, Math.min(readInteger(parameters, 'limit', DEFAULT_LIMIT), MAX_LIMIT))
      const order = readOrder(lastValue(parameters, 'order') ?? 'bytes')
      return answerJson({ prefix, ...(await services.size({ prefix, limit, order }, signal)) })
    },
}

function readPrefix(text: string): string {
  if (text.length > LONGEST_PREFIX_CHARACTERS) {
    throw new KymoError('request-invalid', {
      problem: `Parameter \`prefix\`: it has more than ${LONGEST_PREFIX_CHARACTERS} characters.`,
    })
  }
  // Whoever writes `a.` means the same.
  return text.includes(';') ? text : text.replace(/\.$/, '')
}

function readOrder(text: string): SizeOrder {
  const order = SIZE_ORDERS.find((one) => one === text)
  if (order !== undefined) return order
  throw new KymoError('request-invalid', {
    problem: `Parameter \`order\`: "${excerpt(text, 100)}" is none of ${SIZE_ORDERS.join(', ')}.`,
  })
}
