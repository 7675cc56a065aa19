import { evaluateTargets } from '../../query/graphite/evaluate.ts'
import type { TracedNode } from '../../query/graphite/evaluation-trace.ts'
import { EvaluationTrace } from '../../query/graphite/evaluation-trace.ts'
import { parseRenderRequest } from '../../query/render-request.ts'
import type { RequestParameters } from '../../query/request-parameters.ts'
import { encodeJson } from '../encode/json.ts'
import type { QueryAnswer } from '../services.ts'
import type { AnswerContext } from './answer-context.ts'

/** `/api/explain`: what is evaluated for each target, as a tree. The query is answered in full, and its series are counted. */
export async function answerExplain(
  parameters: RequestParameters,
  context: AnswerContext,
  signal: AbortSignal,
): Promise<QueryAnswer> {
  const request = parseRenderRequest(parameters, context)
  const { access, limits, stepSeconds } = context
  const trace = new EvaluationTrace()
  await evaluateTargets(request.targets, { ...request, access, limits, stepSeconds, signal, trace })
  const { fromSeconds: from, untilSeconds: until } = request
  const targets = trace.roots.map((root, index) => ({ target: request.targets[index], ...toJson(root) }))
  return encodeJson({ from, until, targets }, { ...request.jsonStyle, maxBytes: limits.maxAnswerBytes })
}

function toJson(node: TracedNode): object {
  return {
    label: node.label,
    from: node.fromSeconds,
    until: node.untilSeconds,
    series: node.seriesCount,
    points: node.pointCount,
    finest_step: node.finestStepSeconds,
    coarsest_step: node.coarsestStepSeconds,
    children: node.children.map(toJson),
  }
}
