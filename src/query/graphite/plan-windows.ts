import type { QueryWindow } from '../query-window.ts'
import type { SeriesQuery } from '../../store/access.ts'
import type { TimeZone } from '../time-zone.ts'
import type { BoundCall, BoundNode } from './bound-node.ts'
import { failCall, literalsOf, nodesOf } from './bound-node.ts'

/** What is known when windows are planned. */
export interface PlanFacts {
  readonly timeZone: TimeZone
  readonly maxDataPoints: number | undefined
  /** Seconds between the points that the store has of these series over the window. */
  readonly stepSeconds: (query: SeriesQuery, window: QueryWindow) => number
}

/**
 * The expressions among the arguments of a call, each with the windows over which it will be wanted. What is not foreseen
 * here is fetched when it is asked for.
 */
export function windowsOfArguments(
  call: BoundCall,
  window: QueryWindow,
  facts: PlanFacts,
): { readonly child: BoundNode; readonly windows: readonly QueryWindow[] }[] {
  const inside = windowInside(call, window)
  return [...call.args.values()].flatMap((argument) =>
    nodesOf(argument).map((child) => ({
      child,
      windows: argument.kind === 'expression' ? declaredWindows(call, inside, facts) : [inside],
    })),
  )
}

/** The windows over which a function evaluates its expression; of most functions, which have none, no windows. */
export function declaredWindows(
  call: BoundCall,
  window: QueryWindow,
  { timeZone, maxDataPoints, stepSeconds }: PlanFacts,
): readonly QueryWindow[] {
  const expression = [...call.args.values()].find(({ kind }) => kind === 'expression')
  if (call.function.windows === undefined || expression === undefined) return []
  return call.function.windows(literalsOf(call), window, {
    stepSeconds: Math.max(...nodesOf(expression).map((node) => stepOf(node, window, stepSeconds))),
    timeZone,
    maxDataPoints,
    fail: (reason) => failCall(call, reason),
  })
}

/** The window of a call as its arguments are to see it: with the consolidation that the function would have. */
export function windowInside(call: BoundCall, window: QueryWindow): QueryWindow {
  const consolidation = call.function.consolidation?.(literalsOf(call))
  return consolidation === undefined ? window : { ...window, consolidation }
}

/** Seconds between the points of an expression, as far as that can be known before it is evaluated. */
function stepOf(node: BoundNode, window: QueryWindow, stepOfFetch: PlanFacts['stepSeconds']): number {
  if (node.kind === 'fetch') return stepOfFetch(node.query, window)
  if (node.kind === 'ready') return window.stepSeconds
  if (node.function.stepSeconds !== undefined) return node.function.stepSeconds(literalsOf(node))
  const steps = [...node.args.values()].flatMap(nodesOf).map((child) => stepOf(child, window, stepOfFetch))
  return Math.max(...steps, 1)
}
