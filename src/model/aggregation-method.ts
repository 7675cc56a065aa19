/** How values of a finer step become one of a coarser step, as whisper and carbon name it. */
export const AGGREGATION_METHODS = [
  'average',
  'sum',
  'last',
  'max',
  'min',
  'avg_zero',
  'absmax',
  'absmin',
] as const

/**
 * `avg_zero` counts slots without a value as 0; `absmax` and `absmin` are the values farthest from 0 and nearest to it, with
 * their signs.
 */
export type AggregationMethod = (typeof AGGREGATION_METHODS)[number]
