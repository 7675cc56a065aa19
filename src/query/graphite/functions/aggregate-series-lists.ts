import type { QuerySeries } from '../../query-series.ts'
import { aggregateSeries } from '../calculate/aggregate-series.ts'
import type { Aggregation, NamedAggregation } from '../aggregation-name.ts'
import type { FunctionCall } from '../function-call.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, float, optional, seriesList } from '../parameters.ts'

const LISTS = { seriesListFirstPos: seriesList(), seriesListSecondPos: seriesList() }

export const aggregateSeriesLists = defineFunction({
  name: 'aggregateSeriesLists',
  group: 'Combine',
  description:
    'Aggregates the first series of one list with the first of the other, the second with the second, and so on. Both lists have to be of one length.',
  example: 'aggregateSeriesLists(mining.{carbon,gold}.extracted, mining.{carbon,gold}.shipped, "diff")',
  params: { ...LISTS, func: aggregation(), xFilesFactor: optional(float()) },
  evaluate: ({ seriesListFirstPos: first, seriesListSecondPos: second, func, xFilesFactor }, call) =>
    aggregatePairs(first, second, func, { ...call, xFilesFactor: xFilesFactor ?? call.xFilesFactor }),
})

export const sumSeriesLists = definePairwise('sumSeriesLists', 'sum', 'Adds')
export const diffSeriesLists = definePairwise('diffSeriesLists', 'diff', 'Takes from each other')
export const multiplySeriesLists = definePairwise('multiplySeriesLists', 'multiply', 'Multiplies')

function definePairwise(name: string, func: Aggregation, verb: string): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Combine',
    description: `${verb} the first series of both lists, the second of both, and so on. Both lists have to be of one length.`,
    example: `${name}(mining.{carbon,gold}.extracted, mining.{carbon,gold}.shipped)`,
    isAggregator: true,
    params: LISTS,
    evaluate: ({ seriesListFirstPos: first, seriesListSecondPos: second }, call) =>
      aggregatePairs(first, second, { name: func, aggregation: func }, call),
  })
}

function aggregatePairs(
  first: readonly QuerySeries[],
  second: readonly QuerySeries[],
  func: NamedAggregation,
  call: Pick<FunctionCall, 'xFilesFactor' | 'fail'>,
): QuerySeries[] {
  if (first.length !== second.length) {
    return call.fail(
      `its lists have to be of one length; there are ${first.length} and ${second.length} series`,
    )
  }
  return first.flatMap((one, index) => {
    const other = second[index] as QuerySeries
    return aggregateSeries([one, other], func, call).map((series) => ({
      ...series,
      name: `${func.name}Series(${one.name},${other.name})`,
    }))
  })
}
