import { aggregateRows } from '../calculate/aggregate-rows.ts'
import { combinePair } from '../calculate/combine-pair.ts'
import { createSeries } from '../calculate/create-series.ts'
import { nodeKey } from '../calculate/node-key.ts'
import { normalize } from '../calculate/normalize.ts'
import { divide } from '../calculate/power.ts'
import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { many, nodeOrTag, seriesList } from '../parameters.ts'

export const weightedAverage = defineFunction({
  name: 'weightedAverage',
  group: 'Combine',
  description:
    'The average of series that count for more or less: the sum of each times its weight, divided by the sum of the weights. A series and its weight have the same nodes.',
  example: 'weightedAverage(servers.*.latency, servers.*.requests, 1)',
  params: {
    seriesListAvg: seriesList(),
    seriesListWeight: seriesList(),
    nodes: many(nodeOrTag()),
  },
  evaluate({ seriesListAvg: averages, seriesListWeight: weights, nodes }, call) {
    if (averages.length !== weights.length) {
      return call.fail(
        `there have to be as many weights as averages, not ${weights.length} for ${averages.length}`,
      )
    }
    const weightOf = new Map(weights.map((weight) => [nodeKey(weight, nodes), weight]))
    const averageOf = new Map(averages.map((one) => [nodeKey(one, nodes), one]))
    const products = [...averageOf].flatMap(([key, one]) => {
      const weight = weightOf.get(key)
      return weight === undefined ? [] : [combinePair(one, weight, key, (a, b) => a * b)]
    })
    const product = sumOf(products)
    const weight = sumOf(weights)
    if (product === undefined || weight === undefined) return []
    const name = `weightedAverage(${paths(averages)}, ${paths(weights)}, ${nodes.join(',')})`
    return [combinePair(product, weight, name, divide, call.xFilesFactor)]
  },
})

function sumOf(series: readonly QuerySeries[]): QuerySeries | undefined {
  const normalized = normalize(series)
  if (normalized === undefined) return undefined
  return createSeries({ ...normalized, name: '', values: aggregateRows(normalized, 'sum', 0) })
}

function paths(series: readonly QuerySeries[]): string {
  return [...new Set(series.map((one) => one.pathExpression))].sort().join(',')
}
