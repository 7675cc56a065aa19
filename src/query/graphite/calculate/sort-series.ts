import type { QuerySeries } from '../../query-series.ts'
import type { Aggregation } from '../aggregation-name.ts'
import { aggregateValues } from './aggregate-values.ts'

/** Sorted by an aggregate of their values, those without any as the least; equals stay in their order, also descending. */
export function sortByAggregate(
  series: readonly QuerySeries[],
  aggregation: Aggregation,
  direction: 'ascending' | 'descending',
): QuerySeries[] {
  return sortByValue(series, (one) => aggregateValues(one.values, aggregation), direction)
}

export function sortByValue(
  series: readonly QuerySeries[],
  valueOf: (series: QuerySeries) => number,
  direction: 'ascending' | 'descending',
): QuerySeries[] {
  const sign = direction === 'ascending' ? 1 : -1
  return series
    .map((one) => ({ one, value: orLeast(valueOf(one)) }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -sign : sign))
    .map(({ one }) => one)
}

function orLeast(value: number): number {
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
}
