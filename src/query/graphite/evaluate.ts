import type { FetchContext } from '../series-fetcher.ts'
import { SeriesFetcher } from '../series-fetcher.ts'
import type { QuerySeries } from '../query-series.ts'
import type { TimeZone } from '../time-zone.ts'
import { TargetBinder } from './bind-target.ts'
import { Evaluation } from './evaluation.ts'
import type { EvaluationTrace } from './evaluation-trace.ts'
import { FUNCTIONS } from './functions/index.ts'
import type { GraphiteFunction } from './graphite-function.ts'
import { parseTarget } from './parse-target.ts'

export interface EvaluationContext extends FetchContext {
  readonly fromSeconds: number
  readonly untilSeconds: number
  /** Seconds between points; an integer of at least 1. */
  readonly stepSeconds: number
  readonly nowSeconds: number
  readonly timeZone: TimeZone
  /** What `$name` stands for in templates, whatever they say themselves. */
  readonly template?: ReadonlyMap<string, string>
  /** Told of everything that is evaluated. */
  readonly trace?: EvaluationTrace
  /** Between 0 and 1; of Math by itself. */
  readonly random?: () => number
  /** Other functions than all there are: for tests. */
  readonly functions?: ReadonlyMap<string, GraphiteFunction>
}

/**
 * Evaluates targets, each by itself, and gives their series one after the other. All of them are read and bound before anything
 * is looked up, and what all of them need is fetched together. Throws the KymoErrors of reading (`target-invalid`), binding
 * (`function-unknown`, `argument-invalid`), fetching and limits; ends with the signal's reason when it aborts.
 */
export async function evaluateTargets(
  targets: readonly string[],
  context: EvaluationContext,
): Promise<QuerySeries[]> {
  const parsed = targets.map((target) => parseTarget(target, { maxLength: context.limits.maxTargetLength }))
  const binder = new TargetBinder({
    functions: context.functions ?? FUNCTIONS,
    template: context.template ?? new Map(),
    nowSeconds: context.nowSeconds,
    timeZone: context.timeZone,
    xFilesFactor: context.xFilesFactor,
  })
  const bound = parsed.map((node, index) => binder.bind(node, targets[index] ?? ''))
  const { fromSeconds, untilSeconds, stepSeconds } = context
  return new Evaluation(context, binder, new SeriesFetcher(context)).evaluateAll(bound, {
    fromSeconds,
    untilSeconds,
    stepSeconds,
  })
}
