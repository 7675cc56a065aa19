import { aggregateSeries } from '../calculate/aggregate-series.ts'
import { createSeries } from '../calculate/create-series.ts'
import { normalize } from '../calculate/normalize.ts'
import { power } from '../calculate/power.ts'
import { defineFunction } from '../graphite-function.ts'
import { atLeastOne, seriesList } from '../parameters.ts'

export const multiplySeries = defineFunction({
  name: 'multiplySeries',
  group: 'Combine',
  description:
    'The product of the series at each point; null where any of them is. One series alone stays as it is.',
  example: 'multiplySeries(shop.orders, shop.price)',
  isAggregator: true,
  params: { seriesLists: atLeastOne(seriesList()) },
  evaluate({ seriesLists }, call) {
    const series = seriesLists.flat()
    if (seriesLists.length === 1 && series.length === 1) return series
    return aggregateSeries(series, { name: 'multiply', aggregation: 'multiply' }, call)
  },
})

export const powSeries = defineFunction({
  name: 'powSeries',
  group: 'Combine',
  description:
    'The first series to the power of the second, the result to the power of the third, and so on; null where any of them is, and where the result is no real number.',
  example: 'powSeries(math.base, math.exponent)',
  isAggregator: true,
  params: { seriesList: atLeastOne(seriesList()) },
  shownSignature: 'powSeries(*seriesLists)',
  evaluate({ seriesList: lists }, { xFilesFactor = 0 }) {
    const series = lists.flat()
    const normalized = normalize(series)
    if (normalized === undefined) return []
    const { columns, rowCount, startSeconds, endSeconds, stepSeconds } = normalized
    const values = new Float64Array(rowCount)
    for (const [index, column] of columns.entries()) {
      for (let row = 0; row < rowCount; row++) {
        const value = column[row] ?? Number.NaN
        values[row] = index === 0 ? value : power(values[row] ?? Number.NaN, value)
      }
    }
    const name = `powSeries(${series.map((one) => one.name).join(',')})`
    return [createSeries({ name, startSeconds, endSeconds, stepSeconds, values, xFilesFactor })]
  },
})
