import { KymoError } from '../../telemetry/errors.ts'
import { excerpt } from '../../lib/excerpt.ts'
import type { FetchContext } from '../fetch-series.ts'
import { fetchSeries } from '../fetch-series.ts'
import { fetchWindow } from '../fetch-window.ts'
import type { QuerySeries } from '../query-series.ts'
import type { TargetNode } from './target-node.ts'

export interface EvaluationContext extends FetchContext {
  readonly fromSeconds: number
  readonly untilSeconds: number
  /** Seconds between points; an integer of at least 1. */
  readonly stepSeconds: number
}

/**
 * Evaluates targets, each by itself, and gives their series one after the other. What all of them need is fetched
 * first, together. A call is the KymoError `function-unknown` before anything is fetched.
 */
export async function evaluateTargets(
  targets: readonly TargetNode[],
  context: EvaluationContext,
): Promise<QuerySeries[]> {
  const paths = targets.flatMap(pathsOf)
  const fetched = await fetchSeries(paths, fetchWindow(context), context)
  return targets.flatMap((target) => evaluate(target, fetched))
}

/** Every path in a target, in the order written, as often as written: each occurrence counts towards the limits. */
function pathsOf(node: TargetNode): string[] {
  switch (node.kind) {
    case 'path':
      return [node.path]
    case 'call':
      throw new KymoError('function-unknown', { name: excerpt(node.name, 100), position: node.start + 1 })
    case 'template':
      throw new KymoError('function-unknown', { name: 'template', position: node.start + 1 })
    case 'number':
    case 'string':
    case 'boolean':
    case 'none':
    case 'infinity':
      return []
  }
}

function evaluate(node: TargetNode, fetched: ReadonlyMap<string, QuerySeries[]>): QuerySeries[] {
  if (node.kind !== 'path') throw new Error(`BUG: a ${node.kind} at the top of a target`)
  return fetched.get(node.path) ?? []
}
