import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, seriesList } from '../parameters.ts'

export const delay = defineFunction({
  name: 'delay',
  group: 'Transform',
  description: 'Moves all values by so many points, to later times, or to earlier ones if negative.',
  example: 'delay(servers.web1.load, 2)',
  params: { seriesList: seriesList(), steps: integer() },
  evaluate: ({ seriesList: series, steps }) =>
    series.map((one) => {
      const values = new Float64Array(one.values.length).fill(Number.NaN)
      if (steps >= 0)
        values.set(one.values.subarray(0, Math.max(0, values.length - steps)), Math.min(steps, values.length))
      else values.set(one.values.subarray(Math.min(-steps, values.length)))
      return derive(one, `delay(${one.name},${steps})`, { values, mark: { delay: String(steps) } })
    }),
})
