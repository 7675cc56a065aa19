import type { TimeZone } from '../time-zone.ts'
import type { LiteralValue } from './argument-value.ts'

/** Graphite's names for what a function takes; Grafana's query builder chooses its fields by them. */
export type ParameterType =
  | 'aggFunc'
  | 'aggOrSeriesFunc'
  | 'any'
  | 'boolean'
  | 'date'
  | 'float'
  | 'integer'
  | 'interval'
  | 'intOrInf'
  | 'intOrInterval'
  | 'node'
  | 'nodeOrTag'
  | 'seriesList'
  | 'seriesLists'
  | 'string'
  | 'tag'

/**
 * One parameter of a function. `T` is what the function is handed for it. How it is bound is said by `takes`:
 *
 * - `literal`: a number, a text, ...; read when the target is bound, before anything is looked up
 * - `series`: the series of an expression, or of one expression for each argument where it is multiple
 * - `lists`: series in groups, as `mapSeries` makes them
 * - `expression`: an expression that the function evaluates itself, over windows of its own
 * - `any`: series or a literal
 */
export interface Parameter<T> {
  readonly type: ParameterType
  readonly takes: 'literal' | 'series' | 'lists' | 'expression' | 'any'
  readonly isRequired: boolean
  /** `/functions` says that it is required and has no default, as Graphite's does, though it has one. */
  readonly isShownAsRequired?: true
  /** The last parameter may take all arguments that are left; then `T` is a list. */
  readonly isMultiple: boolean
  /** As `/functions` shows it; undefined: none, or one that says nothing. */
  readonly shownDefault?: string | number | boolean
  readonly options?: readonly (string | number | boolean | null)[]
  readonly suggestions?: readonly (string | number)[]
  /** Other names that it may be given by. */
  readonly alsoNamed?: readonly string[]
  /** Of a parameter that takes literals: its value, or in words what would be one ("a whole number"). */
  read(literal: LiteralValue, context: ReadContext): { readonly value: unknown } | { readonly wanted: string }
  /** What the function is handed where there is no argument. */
  readonly missing: (context: ReadContext) => T
}

/** What some literals are read with. */
export interface ReadContext {
  readonly nowSeconds: number
  readonly timeZone: TimeZone
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** What a function is handed for its parameters. */
export type ArgumentsOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never
}
