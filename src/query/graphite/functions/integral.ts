import { derive } from '../calculate/create-series.ts'
import { mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { interval, seriesList } from '../parameters.ts'

export const integral = defineFunction({
  name: 'integral',
  group: 'Transform',
  description: 'The sum of all values up to each point. Nulls stay null and add nothing.',
  example: 'integral(stats.requests.count)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => {
      let total = 0
      const values = mapValues(one.values, (value) => (total += value))
      return derive(one, `integral(${one.name})`, { values, mark: { integral: '1' } })
    }),
})

export const integralByInterval = defineFunction({
  name: 'integralByInterval',
  group: 'Transform',
  description:
    'The sum of all values up to each point, from 0 again at each interval, counted from the beginning of the request. A null repeats the sum so far.',
  example: 'integralByInterval(stats.requests.count, "1d")',
  params: { seriesList: seriesList(), intervalUnit: { ...interval(), type: 'string' } },
  evaluate({ seriesList: series, intervalUnit }, call) {
    const seconds = Math.abs(intervalUnit.seconds)
    if (seconds === 0) return call.fail('the interval is empty')
    const intervalAt = (time: number): number => Math.floor((time - call.window.fromSeconds) / seconds)
    return series.map((one) => {
      let total = 0
      const values = Float64Array.from(one.values, (value, index) => {
        const time = one.startSeconds + index * one.stepSeconds
        if (intervalAt(time) !== intervalAt(time - one.stepSeconds)) total = 0
        return (total += Number.isNaN(value) ? 0 : value)
      })
      const name = `integralByInterval(${one.name},'${intervalUnit.text}')`
      return derive(one, name, { values, mark: { integralByInterval: intervalUnit.text } })
    })
  },
})
