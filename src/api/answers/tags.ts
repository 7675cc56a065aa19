import type { RequestParameters } from '../../query/request-parameters.ts'
import { allValues, lastValue, readJsonStyle } from '../../query/request-parameters.ts'
import type { TagQuestion } from '../../store/catalog.ts'
import { KymoError } from '../../telemetry/errors.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { readInteger } from './answer-context.ts'

/** `/tags/findSeries`: keys of the series for which all expressions hold, sorted. */
export async function answerTaggedSeries(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const expressions = readExpressions(parameters)
  if (expressions.length === 0) throw missing('expr')
  const entries = await context.access.findSeriesByTags(expressions, context.limits.maxNames)
  return encode(
    entries.map(({ identity }) => identity.key),
    parameters,
    context,
  )
}

/** `/tags`: every tag, sorted. */
export async function answerTags(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const tags = await context.access.tags(readFilter(parameters, context))
  return encode(
    tags.map((tag) => ({ tag })),
    parameters,
    context,
  )
}

/** `/tags/<tag>`: the values of one tag, sorted, with how many series have each; null: no series has it. */
export async function answerTag(parameters: RequestParameters, context: AnswerContext): Promise<QueryAnswer> {
  const tag = readTag(parameters)
  const { access } = context
  const values = await access.tagValues(tag, readFilter(parameters, context))
  const isKnown = values.length > 0 || (await access.tagValues(tag, { limit: 1 })).length > 0
  const shown = values.map(({ value, count }) => ({ count, value }))
  return encode(isKnown ? { tag, values: shown } : null, parameters, context)
}

/** `/tags/autoComplete/tags`: tags that can narrow down what the expressions let through. */
export async function answerTagCompletion(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const question = readCompletion(parameters, context, 'tagPrefix')
  return encode(await context.access.tags(question), parameters, context)
}

/** `/tags/autoComplete/values`: values of a tag among what the expressions let through. */
export async function answerValueCompletion(
  parameters: RequestParameters,
  context: AnswerContext,
): Promise<QueryAnswer> {
  const question = readCompletion(parameters, context, 'valuePrefix')
  const values = await context.access.tagValues(readTag(parameters), question)
  return encode(
    values.map(({ value }) => value),
    parameters,
    context,
  )
}

/** As many as Graphite suggests. */
const COMPLETIONS = 100

function readCompletion(
  parameters: RequestParameters,
  context: AnswerContext,
  prefixName: string,
): TagQuestion {
  const prefix = lastValue(parameters, prefixName)
  return {
    expressions: readExpressions(parameters),
    limit: readLimit(parameters, context, COMPLETIONS),
    ...(prefix !== undefined && { prefix }),
  }
}

function readFilter(parameters: RequestParameters, context: AnswerContext): TagQuestion {
  const filter = lastValue(parameters, 'filter')
  const limit = readLimit(parameters, context, context.limits.maxNames)
  return { limit, ...(filter !== undefined && { filter }) }
}

function readLimit(parameters: RequestParameters, { limits }: AnswerContext, missingLimit: number): number {
  return Math.min(Math.max(0, readInteger(parameters, 'limit', missingLimit)), limits.maxNames)
}

/** Some clients write a list as `expr[]`, and send an empty one where nothing has been chosen yet. */
function readExpressions(parameters: RequestParameters): readonly string[] {
  return [...allValues(parameters, 'expr'), ...allValues(parameters, 'expr[]')].filter(
    (text) => text.trim() !== '' && text !== 'undefined',
  )
}

function readTag(parameters: RequestParameters): string {
  const tag = lastValue(parameters, 'tag')
  if (tag === undefined) throw missing('tag')
  return tag
}

function missing(name: string): KymoError {
  return new KymoError('request-invalid', { problem: `Missing required parameter '${name}'` })
}

function encode(value: unknown, parameters: RequestParameters, { limits }: AnswerContext): QueryAnswer {
  return encodeJson(value, { ...readJsonStyle(parameters), maxBytes: limits.maxAnswerBytes })
}
