import type { RequestParameters } from '../../query/request-parameters.ts'
import { readJsonStyle } from '../../query/request-parameters.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'

const MOST_NAMES = 1_000_000
const MOST_BYTES = 512 * 1024 * 1024

/** `/metrics/index.json`: the names of all series, tagged ones too, sorted. */
export async function answerNameIndex(
  parameters: RequestParameters,
  { access }: AnswerContext,
): Promise<QueryAnswer> {
  const names: string[] = []
  for (const { series } of await access.metrics(MOST_NAMES)) for (const { key } of series) names.push(key)
  if (names.length > MOST_NAMES) throw new KymoError('too-many-results', { pattern: '', limit: MOST_NAMES })
  return encodeJson(names.sort(), { ...readJsonStyle(parameters), maxBytes: MOST_BYTES })
}
