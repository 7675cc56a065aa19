import type { QuerySeries } from '../../query-series.ts'
import type { Aggregation } from '../aggregation-name.ts'
import { variance } from '../calculate/aggregate-values.ts'
import { sortByAggregate, sortByValue } from '../calculate/sort-series.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, integer, seriesList, shownAsRequired, withDefault } from '../parameters.ts'

export const highest = defineFunction({
  name: 'highest',
  group: 'Filter Series',
  description: 'The n series with the highest aggregate of all their values, the highest first.',
  example: 'highest(servers.*.load, 5, "max")',
  params: {
    seriesList: seriesList(),
    n: shownAsRequired(withDefault(integer(), 1)),
    func: withDefault(aggregation(), 'average'),
  },
  evaluate: ({ seriesList: series, n, func }) =>
    take(sortByAggregate(series, func.aggregation, 'descending'), n),
})

export const lowest = defineFunction({
  name: 'lowest',
  group: 'Filter Series',
  description:
    'The n series with the lowest aggregate of all their values, the lowest first; series without values are the lowest.',
  example: 'lowest(servers.*.memory.free, 5, "min")',
  params: {
    seriesList: seriesList(),
    n: shownAsRequired(withDefault(integer(), 1)),
    func: withDefault(aggregation(), 'average'),
  },
  evaluate: ({ seriesList: series, n, func }) =>
    take(sortByAggregate(series, func.aggregation, 'ascending'), n),
})

export const highestAverage = defineHighest('highestAverage', 'average', 'average')
export const highestCurrent = defineHighest('highestCurrent', 'last', 'last value')
export const highestMax = defineHighest('highestMax', 'max', 'greatest value')
export const highestMin = defineHighest('highestMin', 'min', 'least value')

export const lowestAverage = defineLowest('lowestAverage', 'average', 'average')
export const lowestCurrent = defineLowest('lowestCurrent', 'last', 'last value')
export const lowestMax = defineLowest('lowestMax', 'max', 'greatest value')
export const lowestMin = defineLowest('lowestMin', 'min', 'least value')

export const limit = defineFunction({
  name: 'limit',
  group: 'Filter Series',
  description: 'The first n series.',
  example: 'limit(servers.*.load, 5)',
  params: { seriesList: seriesList(), n: integer() },
  evaluate: ({ seriesList: series, n }) => take(series, n),
})

export const mostDeviant = defineFunction({
  name: 'mostDeviant',
  group: 'Filter Series',
  description:
    'The n series whose values deviate most from their average, by standard deviation, the most deviant first.',
  example: 'mostDeviant(servers.*.load, 5)',
  params: { seriesList: seriesList(), n: integer() },
  evaluate({ seriesList: series, n }) {
    const withValues = series.filter(({ values }) => values.some((value) => !Number.isNaN(value)))
    return take(
      sortByValue(withValues, ({ values }) => variance(values), 'descending'),
      n,
    )
  },
})

function defineHighest(name: string, aggregationOf: Aggregation, what: string): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Filter Series',
    description: `The n series with the highest ${what}, the highest first.`,
    example: `${name}(servers.*.load, 5)`,
    params: { seriesList: seriesList(), n: integer() },
    evaluate: ({ seriesList: series, n }) => take(sortByAggregate(series, aggregationOf, 'descending'), n),
  })
}

function defineLowest(name: string, aggregationOf: Aggregation, what: string): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Filter Series',
    description: `The n series with the lowest ${what}, the lowest first; series without values are the lowest.`,
    example: `${name}(servers.*.memory.free, 5)`,
    params: { seriesList: seriesList(), n: integer() },
    evaluate: ({ seriesList: series, n }) => take(sortByAggregate(series, aggregationOf, 'ascending'), n),
  })
}

/** The first n, or, as in Python, all but the last -n. */
function take(series: readonly QuerySeries[], n: number): readonly QuerySeries[] {
  return series.slice(0, n)
}
