import type { RequestParameters } from '../../query/request-parameters.ts'
import { lastValue, readJsonStyle } from '../../query/request-parameters.ts'
import type { CatalogMetric } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { PlainValue } from '../encode/plain-value.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { readLimit } from './answer-context.ts'

const DEFAULT_LIMIT = 200
const MAX_LIMIT = 1_000
const LONGEST_SEARCH_CHARACTERS = 1_000

/** Kymo's own list of metrics as they were sent, the newest first, each with the series it is kept as. */
export async function answerMetrics(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const limit = readLimit(parameters, DEFAULT_LIMIT, MAX_LIMIT)
  const search = lastValue(parameters, 'search') ?? ''
  if (search.length > LONGEST_SEARCH_CHARACTERS) {
    throw new KymoError('request-invalid', {
      problem: `Parameter \`search\`: it has more than ${LONGEST_SEARCH_CHARACTERS} characters.`,
    })
  }
  const metrics = await context.access.metrics({ limit, search })
  return encodeJson(
    { metrics: metrics.map(toMetric) },
    { ...readJsonStyle(parameters), maxBytes: context.limits.maxAnswerBytes },
  )
}

/** A metric as the API tells it. */
export function toMetric({
  metricKey,
  metricType,
  firstSeenMs,
  lastSeenMs,
  series,
}: CatalogMetric): PlainValue {
  return {
    key: metricKey,
    type: metricType,
    firstSeenMs,
    lastSeenMs,
    // Buckets of sketches are too many to be told each.
    series: series
      .filter(({ statistic }) => statistic !== 'bucket')
      .map(({ key, statistic, percentile }) => ({
        key,
        statistic,
        ...(percentile !== undefined && { percentile }),
      })),
  }
}
