import type { QuerySeries } from '../query-series.ts'
import { parseTimeExpression } from '../time-expression.ts'
import { KymoError } from '../../telemetry/errors.ts'
import type { NamedAggregation } from './aggregation-name.ts'
import { AGGREGATION_NAMES, findAggregation } from './aggregation-name.ts'
import type { LiteralValue } from './argument-value.ts'
import { literalText } from './argument-value.ts'
import type { SeriesExpression } from './function-call.ts'
import type { Interval, WindowSize } from './interval.ts'
import { parseInterval } from './interval.ts'
import type { Parameter, ParameterType, ReadContext } from './parameter.ts'

/**
 * What functions declare their parameters with:
 *
 *   params: {
 *     seriesList: seriesList(),
 *     interval: interval({ suggestions: ['10min', '1h'] }),
 *     func: withDefault(aggregation(), 'sum'),
 *     nodes: many(nodeOrTag()),
 *   }
 *
 * Each kind accepts what Graphite accepts for it: numbers and booleans also as texts.
 */

type Shown = Pick<Parameter<unknown>, 'options' | 'suggestions' | 'alsoNamed' | 'shownDefault'>

/** The series of an expression. */
export function seriesList(shown: Shown = {}): Parameter<readonly QuerySeries[]> {
  return ofSeries('seriesList', 'series', shown)
}

/** Series in groups, as `mapSeries` makes them. */
export function seriesLists(shown: Shown = {}): Parameter<readonly (readonly QuerySeries[])[]> {
  return ofSeries('seriesLists', 'lists', shown)
}

/** An expression that the function evaluates over windows of its own; it has to declare them (`windows`). */
export function expression(shown: Shown = {}): Parameter<SeriesExpression> {
  return ofSeries('seriesList', 'expression', shown)
}

/** Series, or a literal. */
export type AnyArgument =
  | { readonly kind: 'series'; readonly series: readonly QuerySeries[] }
  | { readonly kind: 'literal'; readonly literal: LiteralValue }

export function anything(shown: Shown = {}): Parameter<AnyArgument> {
  return ofSeries('any', 'any', shown)
}

export function float(shown: Shown = {}): Parameter<number> {
  return ofLiteral('float', 'a number', shown, readNumber)
}

/** Graphite calls it an integer but takes fractions too. */
export function numberShownAsInteger(shown: Shown = {}): Parameter<number> {
  return ofLiteral('integer', 'a number', shown, readNumber)
}

export function integer(shown: Shown = {}): Parameter<number> {
  return ofLiteral('integer', 'a whole number', shown, readWhole)
}

/** A whole number, or infinity. */
export function integerOrInfinity(shown: Shown = {}): Parameter<number> {
  return ofLiteral('intOrInf', 'a whole number or inf', shown, (literal) => {
    const value = readNumber(literal)
    return value === Number.POSITIVE_INFINITY ? value : readWhole(literal)
  })
}

export function boolean(shown: Shown = {}): Parameter<boolean> {
  return ofLiteral('boolean', 'true or false', shown, readBoolean)
}

export function text(shown: Shown = {}): Parameter<string> {
  const wanted = shown.options === undefined ? 'a text in quotes' : `one of ${shown.options.join(', ')}`
  return ofLiteral('string', wanted, shown, (literal) => {
    const value = readText(literal)
    return shown.options === undefined || shown.options.some((option) => option === value) ? value : undefined
  })
}

/** One of these words, of which names of series repeat the one that was written. */
export function aggregation(shown: Shown = {}): Parameter<NamedAggregation> {
  const options = [...AGGREGATION_NAMES].sort()
  const wanted = `one of ${AGGREGATION_NAMES.join(', ')}`
  return ofLiteral('aggFunc', wanted, { options, ...shown }, (literal) => {
    return literal.kind === 'string' ? findAggregation(literal.value) : undefined
  })
}

/** The name of an aggregation, or of a function that makes one series of many. Which there are is known to the call. */
export function aggregationOrFunction(shown: Shown = {}): Parameter<string> {
  return ofLiteral('aggOrSeriesFunc', 'the name of an aggregation or a function', shown, readText)
}

export function interval(shown: Shown = {}): Parameter<Interval> {
  return ofLiteral('interval', 'a length of time such as "5min"', shown, (literal) => {
    return literal.kind === 'string' ? parseInterval(literal.value) : undefined
  })
}

export function windowSize(shown: Shown = {}): Parameter<WindowSize> {
  const wanted = 'a number of points, or a length of time such as "5min"'
  return ofLiteral('intOrInterval', wanted, shown, (literal) => {
    if (literal.kind === 'string') return parseInterval(literal.value)
    const points = readWhole(literal)
    return points === undefined || points < 0 ? undefined : { points }
  })
}

export function node(shown: Shown = {}): Parameter<number> {
  return ofLiteral('node', 'the number of a node', shown, readWhole)
}

/** A number stands for a node of the name, a text for a tag, unless it is a number too. */
export function nodeOrTag(shown: Shown = {}): Parameter<number | string> {
  return ofLiteral('nodeOrTag', 'the number of a node, or a tag in quotes', shown, (literal) => {
    if (literal.kind === 'string' || literal.kind === 'number')
      return readWhole(literal) ?? literalText(literal)
    return undefined
  })
}

export function tag(shown: Shown = {}): Parameter<string> {
  return ofLiteral('tag', 'a tag in quotes', shown, readText)
}

/** A moment. Names of series show it in seconds. */
export function date(shown: Shown = {}): Parameter<number> {
  const wanted = 'a time such as "-1h", "noon yesterday" or "20260131"'
  return ofLiteral('date', wanted, shown, (literal, context) => readDate(literal, context))
}

/** It may be left out, or be `None`; then the function is handed undefined. */
export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { ...parameter, isRequired: false, missing: () => undefined }
}

/** What it is where there is no argument, written as an argument would be. */
export function withDefault<T>(parameter: Parameter<T>, value: string | number | boolean): Parameter<T> {
  const literal: LiteralValue =
    typeof value === 'string'
      ? { kind: 'string', value }
      : typeof value === 'number'
        ? { kind: 'number', value, isInteger: Number.isInteger(value) }
        : { kind: 'boolean', value }
  return {
    ...parameter,
    isRequired: false,
    shownDefault: value,
    missing(context) {
      const read = parameter.read(literal, context)
      if ('wanted' in read) throw new Error(`BUG: a default that is not ${read.wanted}`)
      return read.value as T
    },
  }
}

export function shownAsRequired<T>(parameter: Parameter<T>): Parameter<T> {
  return { ...parameter, isShownAsRequired: true }
}

/** All arguments that are left; none is enough, unless the function says `atLeastOne`. */
export function many<T>(parameter: Parameter<T>): Parameter<readonly T[]> {
  return { ...parameter, isMultiple: true, isRequired: false, missing: () => [] }
}

export function atLeastOne<T>(parameter: Parameter<T>): Parameter<readonly T[]> {
  return { ...many(parameter), isRequired: true }
}

function ofSeries<T>(type: ParameterType, takes: Parameter<T>['takes'], shown: Shown): Parameter<T> {
  return {
    ...shown,
    type,
    takes,
    isRequired: true,
    isMultiple: false,
    read: (literal) => (takes === 'any' ? { value: { kind: 'literal', literal } } : { wanted: 'series' }),
    missing: neverMissing,
  }
}

function ofLiteral<T>(
  type: ParameterType,
  wanted: string,
  shown: Shown,
  read: (literal: LiteralValue, context: ReadContext) => T | undefined,
): Parameter<T> {
  return {
    ...shown,
    type,
    takes: 'literal',
    isRequired: true,
    isMultiple: false,
    read(literal, context) {
      const value = read(literal, context)
      return value === undefined ? { wanted } : { value }
    },
    missing: neverMissing,
  }
}

function neverMissing(): never {
  throw new Error('BUG: a required argument is missing')
}

function readNumber(literal: LiteralValue): number | undefined {
  if (literal.kind === 'number') return literal.value
  if (literal.kind === 'boolean') return Number(literal.value)
  if (literal.kind !== 'string') return undefined
  return readNumberText(literal.value)
}

function readNumberText(value: string): number | undefined {
  const trimmed = value.trim()
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(trimmed)) return Number(trimmed)
  const infinity = /^([+-]?)inf(inity)?$/i.exec(trimmed)
  if (infinity === null) return undefined
  return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

function readWhole(literal: LiteralValue): number | undefined {
  const value = readNumber(literal)
  return Number.isSafeInteger(value) ? value : undefined
}

function readBoolean(literal: LiteralValue): boolean | undefined {
  if (literal.kind === 'boolean') return literal.value
  if (literal.kind === 'string') {
    const word = literal.value.toLowerCase()
    return word === 'true' ? true : word === 'false' ? false : undefined
  }
  if (literal.kind === 'number' && (literal.value === 0 || literal.value === 1)) return literal.value === 1
  return undefined
}

function readText(literal: LiteralValue): string | undefined {
  return literal.kind === 'none' ? undefined : literalText(literal)
}

function readDate(literal: LiteralValue, { nowSeconds, timeZone }: ReadContext): number | undefined {
  if (literal.kind !== 'string' && literal.kind !== 'number') return undefined
  try {
    return parseTimeExpression(literalText(literal), { nowSeconds, timeZone, parameter: 'target' })
  } catch (error) {
    if (error instanceof KymoError && error.code === 'time-invalid') return undefined
    throw error
  }
}
