/** Ways to make one number of many. The order is that of `/functions`. */
export const AGGREGATIONS = [
  'average',
  'avg_zero',
  'median',
  'sum',
  'min',
  'max',
  'diff',
  'stddev',
  'count',
  'range',
  'multiply',
  'last',
] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

export const AGGREGATION_ALIASES: ReadonlyMap<string, Aggregation> = new Map([
  ['rangeOf', 'range'],
  ['avg', 'average'],
  ['total', 'sum'],
  ['current', 'last'],
])

export const AGGREGATION_NAMES: readonly string[] = [...AGGREGATIONS, ...AGGREGATION_ALIASES.keys()]

/** An aggregation with the word it was asked for by (`total`), which names of series repeat. */
export interface NamedAggregation {
  readonly name: string
  readonly aggregation: Aggregation
}

/** By any of its names, also with `Series` after it; undefined: there is none of this name. */
export function findAggregation(text: string): NamedAggregation | undefined {
  const name = text.endsWith('Series') ? text.slice(0, -'Series'.length) : text
  const aggregation = AGGREGATIONS.find((one) => one === name) ?? AGGREGATION_ALIASES.get(name)
  return aggregation === undefined ? undefined : { name, aggregation }
}
