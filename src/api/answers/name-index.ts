import type { RequestParameters } from '../../query/request-parameters.ts'
import { readJsonStyle } from '../../query/request-parameters.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'

const MOST_NAMES = 1_000_000
const MOST_BYTES = 512 * 1024 * 1024

/** `/metrics/index.json`: the names of all series, tagged ones too, sorted. */
export async function answerNameIndex(
  parameters: RequestParameters,
  { allSeries }: AnswerContext,
): Promise<QueryAnswer> {
  if (allSeries === undefined) throw new Error('BUG: there is nobody to name all series')
  const names = (await allSeries(MOST_NAMES)).map(({ identity }) => identity.key)
  return encodeJson(names.sort(), { ...readJsonStyle(parameters), maxBytes: MOST_BYTES })
}
