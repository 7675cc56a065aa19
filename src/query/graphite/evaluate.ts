import type { FetchContext } from '../series-fetcher.ts'
import { SeriesFetcher } from '../series-fetcher.ts'
import type { QuerySeries } from '../query-series.ts'
import type { QueryWindow } from '../query-window.ts'
import { streamSeries } from '../stream-series.ts'
import type { StreamedSeries } from '../streamed-series.ts'
import type { TimeZone } from '../time-zone.ts'
import { TargetBinder } from './bind-target.ts'
import type { BoundNode } from './bound-node.ts'
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
  /** How many points of a series are wanted; undefined: all. */
  readonly maxDataPoints?: number | undefined
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
  const { binder, bound } = bindTargets(targets, context)
  return evaluateBound(bound, { context, binder, fetcher: new SeriesFetcher(context) })
}

/**
 * The same, where the answer can go out while it is being read: series that are wanted as they are stored, and too many of them to be held, come as a
 * stream. Its points are counted against `maxStreamedPoints`. It ends with the signal's reason, too.
 */
export async function evaluateOrStream(
  targets: readonly string[],
  context: EvaluationContext,
): Promise<QuerySeries[] | AsyncIterable<StreamedSeries>> {
  const { binder, bound } = bindTargets(targets, context)
  const fetcher = new SeriesFetcher(context)
  if (bound.every((node) => node.kind === 'fetch')) {
    const window = windowOf(context)
    const requests = bound.map(({ query, pathExpression }) => ({ query, pathExpression, window }))
    const stream = await streamSeries(requests, fetcher, context)
    if (stream !== undefined) return stream
  }
  return evaluateBound(bound, { context, binder, fetcher })
}

function bindTargets(
  targets: readonly string[],
  context: EvaluationContext,
): { readonly binder: TargetBinder; readonly bound: readonly BoundNode[] } {
  const parsed = targets.map((target) => parseTarget(target, { maxLength: context.limits.maxTargetLength }))
  const binder = new TargetBinder({
    functions: context.functions ?? FUNCTIONS,
    template: context.template ?? new Map(),
    nowSeconds: context.nowSeconds,
    timeZone: context.timeZone,
    xFilesFactor: context.xFilesFactor,
  })
  return { binder, bound: parsed.map((node, index) => binder.bind(node, targets[index] ?? '')) }
}

function evaluateBound(
  bound: readonly BoundNode[],
  {
    context,
    binder,
    fetcher,
  }: {
    readonly context: EvaluationContext
    readonly binder: TargetBinder
    readonly fetcher: SeriesFetcher
  },
): Promise<QuerySeries[]> {
  return new Evaluation(context, binder, fetcher).evaluateAll(bound, windowOf(context))
}

function windowOf({ fromSeconds, untilSeconds, stepSeconds }: EvaluationContext): QueryWindow {
  return { fromSeconds, untilSeconds, stepSeconds }
}
