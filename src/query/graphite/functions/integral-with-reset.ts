import { derive } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const integralWithReset = defineFunction({
  name: 'integralWithReset',
  group: 'Transform',
  description:
    'The sum of all values up to each point, as integral gives it, that is 0 again wherever the resetting series is neither 0 nor null.',
  example: 'integralWithReset(shop.orders, shop.day_begins)',
  params: { seriesList: seriesList(), resettingSeries: seriesList() },
  evaluate({ seriesList: series, resettingSeries }, call) {
    if (series.length === 0) return []
    const [resetting] = resettingSeries
    if (resetting === undefined || resettingSeries.length > 1) {
      return call.fail(`it takes exactly 1 resetting series, not ${resettingSeries.length}`)
    }
    return series.map((one) => {
      if (one.stepSeconds !== resetting.stepSeconds || one.values.length !== resetting.values.length) {
        return call.fail('the resetting series needs the step and the length of the others')
      }
      let total = 0
      const values = mapValues(one.values, (value, index) => {
        const reset = resetting.values[index] as number
        total = Number.isNaN(reset) || reset === 0 ? total + value : 0
        return total
      })
      return derive(one, `integralWithReset(${one.name},${resetting.name})`, { values })
    })
  },
})
