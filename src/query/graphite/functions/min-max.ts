import { maximum, minimum } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const minMax = defineFunction({
  name: 'minMax',
  group: 'Transform',
  description:
    'Stretches each series to between 0 and 1: its least value becomes 0 and its greatest 1. All values the same: 0.',
  example: 'minMax(servers.web1.load)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => {
      const least = minimum(one.values)
      const range = maximum(one.values) - least
      return derive(one, `minMax(${one.name})`, {
        values: mapValues(one.values, (value) => (range === 0 ? 0 : (value - least) / range)),
      })
    }),
})
