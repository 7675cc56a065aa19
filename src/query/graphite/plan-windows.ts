import type { QueryWindow } from '../query-window.ts'
import type { TimeZone } from '../time-zone.ts'
import type { BoundCall, BoundNode } from './bound-node.ts'
import { literalsOf, nodesOf } from './bound-node.ts'

/**
 * The expressions among the arguments of a call, each with the windows over which it will be wanted. What is not foreseen
 * here is fetched when it is asked for.
 */
export function windowsOfArguments(
  call: BoundCall,
  window: QueryWindow,
  timeZone: TimeZone,
): { readonly child: BoundNode; readonly windows: readonly QueryWindow[] }[] {
  const definition = call.function
  const literals = literalsOf(call)
  const own = windowInside(call, window)
  return [...call.args.values()].flatMap((argument) =>
    nodesOf(argument).map((child) => ({
      child,
      windows:
        argument.kind === 'expression' && definition.windows !== undefined
          ? definition.windows(literals, own, { stepSeconds: stepOf(child, window), timeZone })
          : [own],
    })),
  )
}

/** The window of a call as its arguments are to see it: with the consolidation that the function would have. */
export function windowInside(call: BoundCall, window: QueryWindow): QueryWindow {
  const consolidation = call.function.consolidation?.(literalsOf(call))
  return consolidation === undefined ? window : { ...window, consolidation }
}

/** Seconds between the points of an expression, as far as that can be known before it is evaluated. */
function stepOf(node: BoundNode, window: QueryWindow): number {
  if (node.kind !== 'call') return window.stepSeconds
  if (node.function.stepSeconds !== undefined) return node.function.stepSeconds(literalsOf(node))
  const steps = [...node.args.values()].flatMap(nodesOf).map((child) => stepOf(child, window))
  return Math.max(...steps, 1)
}
