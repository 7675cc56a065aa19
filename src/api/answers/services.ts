import type { RequestParameters } from '../../query/request-parameters.ts'
import { readJsonStyle } from '../../query/request-parameters.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { readLimit } from './answer-context.ts'
import { toMetric } from './metrics.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 2_000

/** What the metrics belong to, the newest first, each with the metric that shows best whether it is alive. */
export async function answerServices(
  parameters: RequestParameters,
  { access, limits }: AnswerContext,
): Promise<QueryAnswer> {
  if (access.services === undefined) throw new Error('BUG: there is nobody to ask for services')
  const limit = readLimit(parameters, DEFAULT_LIMIT, MAX_LIMIT)
  const { services, count } = await access.services(limit)
  const value = {
    services: services.map(({ environments, types, pulse, ...service }) => ({
      ...service,
      environments: [...environments],
      types: types.map(({ type, count: metrics }) => ({ type, count: metrics })),
      pulse: toMetric(pulse),
    })),
    count,
  }
  return encodeJson(value, { ...readJsonStyle(parameters), maxBytes: limits.maxAnswerBytes })
}
