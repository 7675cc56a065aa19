import { sortedPresent } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { percentileOfSorted } from '../calculate/percentile.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const nPercentile = defineFunction({
  name: 'nPercentile',
  group: 'Calculate',
  description:
    'A level line for each series at the n-th percentile of its values. Series without values are left out.',
  example: 'nPercentile(servers.*.load, 95)',
  params: { seriesList: seriesList(), n: float() },
  evaluate({ seriesList: series, n }, call) {
    if (n === 0) return call.fail('the percentile has to be above 0')
    return series.flatMap((one) => {
      const percentile = percentileOfSorted(sortedPresent(one.values), n)
      if (Number.isNaN(percentile)) return []
      const values = new Float64Array(one.values.length).fill(percentile)
      return derive(one, `nPercentile(${one.name}, ${shortText(n)})`, {
        values,
        mark: { nPercentile: floatText(n) },
      })
    })
  },
})
