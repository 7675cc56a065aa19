import { KymoError } from '../../telemetry/errors.ts'
import { excerpt } from '../../lib/excerpt.ts'
import type { RequestParameters } from '../../query/request-parameters.ts'
import { allValues, readFlag, readJsonStyle } from '../../query/request-parameters.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'
import { missingQuery } from './answer-context.ts'

/** `/metrics/expand`: the paths that patterns stand for, all together or under each pattern. */
export async function answerExpand(
  parameters: RequestParameters,
  context: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const { maxTargets, maxNames, maxAnswerBytes } = context.limits
  const patterns = new Set(allValues(parameters, 'query').filter((pattern) => pattern.trim() !== ''))
  if (patterns.size === 0) throw missingQuery()
  if (patterns.size > maxTargets) {
    throw new KymoError('request-invalid', {
      problem: `Parameter \`query\`: ${patterns.size} patterns in one request; the limit is ${maxTargets}.`,
    })
  }
  const isLeavesOnly = readFlag(parameters, 'leavesOnly')
  const groups = new Map<string, string[]>()
  let nameCount = 0
  for (const pattern of patterns) {
    signal.throwIfAborted()
    const nodes = await context.access.findNodes(pattern, maxNames)
    nameCount += nodes.length
    if (nameCount > maxNames)
      throw new KymoError('too-many-results', { pattern: excerpt(pattern, 100), limit: maxNames })
    const paths = nodes.filter((node) => node.isLeaf || !isLeavesOnly).map((node) => node.path)
    groups.set(pattern, [...new Set(paths)].sort())
  }
  const results = readFlag(parameters, 'groupByExpr')
    ? toRecord(groups)
    : [...new Set([...groups.values()].flat())].sort()
  return encodeJson({ results }, { ...readJsonStyle(parameters), maxBytes: maxAnswerBytes })
}

/** Without a prototype: any text is a pattern. */
function toRecord(groups: ReadonlyMap<string, string[]>): Record<string, string[]> {
  const record = Object.create(null) as Record<string, string[]>
  for (const [pattern, paths] of groups) record[pattern] = paths
  return record
}
