import { KymoError } from '../../telemetry/errors.ts'
import type { QuerySeries } from '../query-series.ts'
import type { SeriesQuery } from '../../store/access.ts'
import type { GraphiteFunction } from './graphite-function.ts'

/**
 * An expression whose templates are filled in, whose functions are found, and whose arguments have their types: everything
 * that can be wrong with a target before its series are looked up has been said by now.
 */
export type BoundNode = BoundFetch | BoundCall | ReadySeries

/** Nodes with the same key give the same series over the same window. */
interface Keyed {
  readonly key: string
  /** False: it has to be evaluated each time that it occurs. */
  readonly isShareable: boolean
}

/** Series of the store. */
export interface BoundFetch extends Keyed {
  readonly kind: 'fetch'
  readonly query: SeriesQuery
  readonly pathExpression: string
}

export interface BoundCall extends Keyed {
  readonly kind: 'call'
  readonly function: GraphiteFunction
  /** By the names of the function's parameters. */
  readonly args: ReadonlyMap<string, BoundArgument>
  readonly xFilesFactor: number | undefined
  /** Where the call begins in its target, counted from 1. */
  readonly position: number
}

/** Series that exist already: what a function hands to another (see FunctionCall.apply). */
export interface ReadySeries extends Keyed {
  readonly kind: 'ready'
  readonly series: readonly QuerySeries[]
}

export type BoundArgument =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'series' | 'lists' | 'expression' | 'any'; readonly node: BoundNode }
  | { readonly kind: 'many'; readonly nodes: readonly BoundNode[] }

export function nodesOf(argument: BoundArgument): readonly BoundNode[] {
  if (argument.kind === 'value') return []
  return argument.kind === 'many' ? argument.nodes : [argument.node]
}

/** The arguments as they are known before evaluation: literals only. */
export function literalsOf(call: BoundCall): Record<string, unknown> {
  const literals: Record<string, unknown> = {}
  for (const [name, argument] of call.args) if (argument.kind === 'value') literals[name] = argument.value
  return literals
}

/** What a function says is wrong with a call, as the KymoError `argument-invalid`. */
export function failCall(call: BoundCall, reason: string): never {
  throw new KymoError('argument-invalid', {
    function: call.function.name,
    position: call.position,
    reason,
  })
}
