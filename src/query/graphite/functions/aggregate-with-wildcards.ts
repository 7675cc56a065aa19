import type { QuerySeries } from '../../query-series.ts'
import { aggregateSeries } from '../calculate/aggregate-series.ts'
import { groupBy } from '../calculate/node-key.ts'
import type { Aggregation, NamedAggregation } from '../aggregation-name.ts'
import type { FunctionCall } from '../function-call.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, many, node, seriesList } from '../parameters.ts'

export const aggregateWithWildcards = defineFunction({
  name: 'aggregateWithWildcards',
  group: 'Combine',
  description:
    'Aggregates the series whose names differ only in the nodes at these positions, counted from 0. What remains of the name is the name of the result.',
  example: 'aggregateWithWildcards(servers.*.cpu.{user,system}, "sum", 1)',
  params: { seriesList: seriesList(), func: aggregation(), position: many(node()) },
  shownSignature: 'aggregateWithWildcards(seriesList, func, *positions)',
  evaluate: ({ seriesList: series, func, position }, call) => aggregateWithout(series, func, position, call),
})

export const sumSeriesWithWildcards = defineWithWildcards('sumSeriesWithWildcards', 'sum', 'Adds')
export const averageSeriesWithWildcards = defineWithWildcards(
  'averageSeriesWithWildcards',
  'average',
  'Averages',
)
export const multiplySeriesWithWildcards = defineWithWildcards(
  'multiplySeriesWithWildcards',
  'multiply',
  'Multiplies',
)

function defineWithWildcards(name: string, func: Aggregation, verb: string): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Combine',
    description: `${verb} the series whose names differ only in the nodes at these positions, counted from 0. What remains of the name is the name of the result.`,
    example: `${name}(servers.*.cpu.{user,system}, 1)`,
    isAggregator: true,
    params: { seriesList: seriesList(), position: many(node()) },
    evaluate: ({ seriesList: series, position }, call) =>
      aggregateWithout(series, { name: func, aggregation: func }, position, call),
  })
}

function aggregateWithout(
  series: readonly QuerySeries[],
  func: NamedAggregation,
  positions: readonly number[],
  call: Pick<FunctionCall, 'xFilesFactor'>,
): QuerySeries[] {
  const left = new Set(positions)
  const groups = groupBy(series, ({ name }) =>
    name
      .split('.')
      .filter((_node, index) => !left.has(index))
      .join('.'),
  )
  return [...groups].flatMap(([name, group]) =>
    aggregateSeries(group, func, call).map((one) => ({ ...one, name })),
  )
}
