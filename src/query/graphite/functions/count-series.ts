import { createSeries, joinPathExpressions } from '../calculate/create-series.ts'
import { createConstantLine } from '../calculate/constant-line.ts'
import { normalize } from '../calculate/normalize.ts'
import { defineFunction } from '../graphite-function.ts'
import { many, seriesList } from '../parameters.ts'

export const countSeries = defineFunction({
  name: 'countSeries',
  group: 'Combine',
  description: 'How many series there are, the same at each point, whether they have a value there or not.',
  example: 'countSeries(servers.*.load)',
  isAggregator: true,
  params: { seriesLists: many(seriesList()) },
  evaluate({ seriesLists }, call) {
    if (seriesLists.length === 0) {
      return [{ ...createConstantLine('0', 0, call.window), pathExpression: 'countSeries()' }]
    }
    const series = seriesLists.flat()
    const normalized = normalize(series)
    if (normalized === undefined) return []
    const { startSeconds, endSeconds, stepSeconds, rowCount } = normalized
    const name = `countSeries(${joinPathExpressions(series)})`
    const values = new Float64Array(rowCount).fill(series.length)
    const xFilesFactor = call.xFilesFactor ?? 0
    return [createSeries({ name, startSeconds, endSeconds, stepSeconds, values, xFilesFactor })]
  },
})
