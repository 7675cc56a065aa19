import type { Consolidation, QuerySeries } from '../query-series.ts'
import type { QueryWindow } from '../query-window.ts'
import type { SeriesQuery } from '../../store/access.ts'
import type { FunctionCall } from './function-call.ts'
import type { ArgumentsOf, Parameters } from './parameter.ts'

export const FUNCTION_GROUPS = [
  'Alias',
  'Calculate',
  'Combine',
  'Filter Data',
  'Filter Series',
  'Graph',
  'Sorting',
  'Special',
  'Transform',
] as const
export type FunctionGroup = (typeof FUNCTION_GROUPS)[number]

/**
 * A function of Graphite's language, declared once. Binding of arguments, defaults, errors, the entry in `/functions` and
 * the reference page come from the declaration.
 */
export interface GraphiteFunction<P extends Parameters = Parameters> {
  readonly name: string
  /** Other names that it is listed and called by. */
  readonly aliases?: readonly string[]
  readonly group: FunctionGroup
  /** One paragraph, in sentences, then perhaps more after blank lines. */
  readonly description: string
  /** A call that shows it. */
  readonly example: string
  /** In the order of the arguments. */
  readonly params: P
  /** As `/functions` shows it, where Graphite's own parameters differ from those it declares. */
  readonly shownSignature?: string
  /** It makes one series of many, so that functions that group may be given its name. */
  readonly isAggregator?: true
  /** It gives series in groups (`mapSeries`): an argument of type seriesLists. */
  readonly givesLists?: true
  /** Two calls that look the same are not the same: they are evaluated each. */
  readonly isEachCallItsOwn?: true
  /** It is answered by the store, and never evaluated (`seriesByTag`). */
  query?(args: ArgumentsOf<P>): SeriesQuery
  /** What the calls around it, and those after it, have for their xFilesFactor. */
  setsXFilesFactor?(args: ArgumentsOf<P>): number
  /** The windows over which it evaluates its expressions; `stepSeconds` is that of their points, as far as it is known. */
  windows?(
    args: ArgumentsOf<P>,
    window: QueryWindow,
    context: Pick<FunctionCall, 'timeZone' | 'maxDataPoints' | 'fail'> & { readonly stepSeconds: number },
  ): readonly QueryWindow[]
  /** Seconds between the points it gives, where those are not its arguments'. */
  stepSeconds?(args: ArgumentsOf<P>): number
  /** How the store may make coarser points of what the function takes in; undefined: as each series says. */
  consolidation?(args: ArgumentsOf<P>): Consolidation | undefined
  /** Never changes the series it is handed. */
  evaluate(args: ArgumentsOf<P>, call: FunctionCall): Evaluated | Promise<Evaluated>
}

export type Evaluated = readonly QuerySeries[] | readonly (readonly QuerySeries[])[]

/** For the types: the parameters of a declaration give those of its arguments. */
export function defineFunction<P extends Parameters>(definition: GraphiteFunction<P>): GraphiteFunction {
  return definition as unknown as GraphiteFunction
}
