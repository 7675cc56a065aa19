import { aggregateSeries } from '../calculate/aggregate-series.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, atLeastOne, float, optional, seriesList } from '../parameters.ts'
import type { Aggregation } from '../aggregation-name.ts'

export const aggregate = defineFunction({
  name: 'aggregate',
  group: 'Combine',
  description:
    'Makes one series of many, row by row, by the aggregation that is named. A row of which fewer series have a value than the xFilesFactor asks for has none.',
  example: 'aggregate(servers.*.cpu, "max")',
  params: { seriesList: seriesList(), func: aggregation(), xFilesFactor: optional(float()) },
  evaluate: ({ seriesList: series, func, xFilesFactor }, call) =>
    aggregateSeries(series, func, { xFilesFactor: xFilesFactor ?? call.xFilesFactor }),
})

export const averageSeries = defineAggregator('averageSeries', 'average', {
  aliases: ['avg'],
  description: 'The average of the series at each point.',
})

export const sumSeries = defineAggregator('sumSeries', 'sum', {
  aliases: ['sum'],
  description: 'The sum of the series at each point.',
})

export const minSeries = defineAggregator('minSeries', 'min', {
  description: 'The least value of the series at each point.',
})

export const maxSeries = defineAggregator('maxSeries', 'max', {
  description: 'The greatest value of the series at each point.',
})

export const diffSeries = defineAggregator('diffSeries', 'diff', {
  description: 'The first series less all others, at each point. To take away a constant, use offset.',
})

export const stddevSeries = defineAggregator('stddevSeries', 'stddev', {
  description: 'The standard deviation of the series at each point.',
})

export const rangeOfSeries = defineAggregator('rangeOfSeries', 'range', {
  word: 'rangeOf',
  description: 'The greatest value of the series less the least, at each point.',
})

// What carbonapi calls by the bare name of an aggregation.

export const count = defineAggregator('count', 'count', {
  description: 'How many of the series have a value at each point.',
})

export const diff = defineAggregator('diff', 'diff', {
  description: 'The first series less all others, at each point: the same as diffSeries.',
})

export const max = defineAggregator('max', 'max', {
  description: 'The greatest value of the series at each point: the same as maxSeries.',
})

export const min = defineAggregator('min', 'min', {
  description: 'The least value of the series at each point: the same as minSeries.',
})

export const multiply = defineAggregator('multiply', 'multiply', {
  description: 'The product of the series at each point; null where any of them is.',
})

export const stddev = defineAggregator('stddev', 'stddev', {
  description: 'The standard deviation of the series at each point: the same as stddevSeries.',
})

interface AggregatorDetails extends Pick<GraphiteFunction, 'description' | 'aliases'> {
  /** Printed before `Series` in names, where it is not the aggregation. */
  readonly word?: string
}

function defineAggregator(
  name: string,
  aggregationOf: Aggregation,
  { word = aggregationOf, ...details }: AggregatorDetails,
): GraphiteFunction {
  return defineFunction({
    ...details,
    name,
    group: 'Combine',
    example: `${name}(servers.*.cpu)`,
    isAggregator: true,
    params: { seriesLists: atLeastOne(seriesList()) },
    evaluate: ({ seriesLists }, call) =>
      aggregateSeries(seriesLists.flat(), { name: word, aggregation: aggregationOf }, call),
  })
}
