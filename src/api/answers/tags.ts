import type { RequestParameters } from '../../query/request-parameters.ts'
import { allValues, lastValue, readJsonStyle } from '../../query/request-parameters.ts'
import type { TagQuestion } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { readInteger } from './answer-context.ts'

/** How many an editor of queries is offered, if it does not say. */
const DEFAULT_OFFERED = 100

/** `/tags/findSeries`: the keys of series for which all expressions hold. */
export async function answerFindSeries(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const expressions = readExpressions(parameters)
  if (expressions.length === 0) throw missing('expr', 'no tag expressions specified')
  const found = await context.access.findSeriesByTags(expressions, context.limits.maxNames)
  return encode(
    found.map(({ identity }) => identity.key),
    parameters,
    context,
  )
}

/** `/tags`: which there are. */
export async function answerTagList(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const found = await context.access.tags({
    ...readFilter(parameters),
    limit: readLimit(parameters, context.limits.maxNames, context),
  })
  return encode(
    found.map((tag) => ({ tag })),
    parameters,
    context,
  )
}

/** `/tags/<tag>`: its values, and how many series have each. */
export async function answerTagDetails(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const tag = readTag(parameters)
  const values = await context.access.tagValues(tag, {
    ...readFilter(parameters),
    limit: readLimit(parameters, context.limits.maxNames, context),
  })
  return encode({ tag, values: values.map(({ count, value }) => ({ count, value })) }, parameters, context)
}

/** `/tags/autoComplete/tags`: those that a query may go on with. */
export async function answerTagNames(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  return encode(await context.access.tags(readOffer(parameters, 'tagPrefix', context)), parameters, context)
}

/** `/tags/autoComplete/values`: those of one tag that a query may go on with. */
export async function answerTagValues(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const question = readOffer(parameters, 'valuePrefix', context)
  const found = await context.access.tagValues(readTag(parameters), question)
  return encode(
    found.map(({ value }) => value),
    parameters,
    context,
  )
}

function readOffer(parameters: RequestParameters, prefixName: string, context: AnswerContext): TagQuestion {
  const prefix = lastValue(parameters, prefixName)
  return {
    expressions: readExpressions(parameters),
    ...(prefix !== undefined && { prefix }),
    limit: readLimit(parameters, DEFAULT_OFFERED, context),
  }
}

/** Rails, PHP and jQuery write `expr[]`. Grafana sends an empty one where nothing has been chosen yet. */
function readExpressions(parameters: RequestParameters): string[] {
  return [...allValues(parameters, 'expr'), ...allValues(parameters, 'expr[]')].filter(
    (text) => text.trim() !== '' && text !== 'undefined',
  )
}

function readFilter(parameters: RequestParameters): { filter?: string } {
  const filter = lastValue(parameters, 'filter')
  return filter === undefined ? {} : { filter }
}

function readLimit(parameters: RequestParameters, fallback: number, { limits }: AnswerContext): number {
  return Math.max(0, Math.min(readInteger(parameters, 'limit', fallback), limits.maxNames))
}

function readTag(parameters: RequestParameters): string {
  const tag = lastValue(parameters, 'tag')
  if (tag === undefined) throw missing('tag', 'no tag specified')
  return tag
}

function missing(parameter: string, problem: string): KymoError {
  return new KymoError('request-invalid', { problem: `Parameter \`${parameter}\`: ${problem}.` })
}

function encode(value: unknown, parameters: RequestParameters, { limits }: AnswerContext): QueryAnswer {
  return encodeJson(value, { ...readJsonStyle(parameters), maxBytes: limits.maxAnswerBytes })
}
