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
      // As many points as the range has, which of a few functions are not those of the series.
      const count = Math.max(0, Math.trunc((one.endSeconds - one.startSeconds) / one.stepSeconds))
      call.reserve(count - one.values.length)
      const values = new Float64Array(count).fill(percentile)
      return derive(one, `nPercentile(${one.name}, ${shortText(n)})`, {
        values,
        mark: { nPercentile: floatText(n) },
      })
    })
  },
})
