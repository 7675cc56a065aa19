import { derive } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { shortText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const exponentialWeightedMovingAverage = defineFunction({
  name: 'exponentialWeightedMovingAverage',
  aliases: ['ewma'],
  group: 'Calculate',
  description:
    'A moving average in which the newest value counts as much as alpha says, between 0 and 1, and all before it together the rest. Nulls stay null and are passed over.',
  example: 'exponentialWeightedMovingAverage(servers.web1.load, 0.1)',
  params: { seriesList: seriesList(), alpha: float({ suggestions: [0.1, 0.5, 0.7] }) },
  evaluate: ({ seriesList: series, alpha }) =>
    series.map((one) => {
      let mean = Number.NaN
      const values = mapValues(one.values, (value) => {
        mean = Number.isNaN(mean) ? value : alpha * value + (1 - alpha) * mean
        return mean
      })
      return derive(one, `ewma(${one.name},${shortText(alpha)})`, { values })
    }),
})
