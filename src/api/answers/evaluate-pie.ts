import { createSeries } from '../../query/graphite/calculate/create-series.ts'
import { type EvaluationContext, evaluateTargets } from '../../query/graphite/evaluate.ts'
import type { QuerySeries } from '../../query/query-series.ts'

/** `label:value`, as Graphite's pies have it. The label has no colon, and what is behind it is a number as a whole. */
const SHARE = /^(?<label>[^:]*):\s*(?<value>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*$/i

/** The series of all targets; those that say their value themselves come first. */
export async function evaluatePie(
  targets: readonly string[],
  context: EvaluationContext,
): Promise<QuerySeries[]> {
  const shares: QuerySeries[] = []
  const others: string[] = []
  for (const target of targets) {
    const share = SHARE.exec(target)?.groups
    if (share === undefined) others.push(target)
    else shares.push(ofOneValue(share['label'] ?? '', Number(share['value']), context))
  }
  return [...shares, ...(await evaluateTargets(others, context))]
}

function ofOneValue(
  name: string,
  value: number,
  { fromSeconds, untilSeconds }: Pick<EvaluationContext, 'fromSeconds' | 'untilSeconds'>,
): QuerySeries {
  return createSeries({
    name,
    startSeconds: fromSeconds,
    endSeconds: untilSeconds,
    stepSeconds: untilSeconds - fromSeconds,
    values: Float64Array.of(value),
  })
}
