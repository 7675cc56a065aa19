import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { shortText } from '../number-text.ts'
import { float, integer, seriesList, withDefault } from '../parameters.ts'

export const scaleAfterTimestamp = defineFunction({
  name: 'scaleAfterTimestamp',
  group: 'Transform',
  description:
    'Multiplies values by the factor from a moment on, which is given in seconds since 1970: for a source that changed its unit.',
  example: 'scaleAfterTimestamp(servers.web1.latency, 1000, 1770000000)',
  params: { seriesList: seriesList(), factor: float(), timestamp: withDefault(integer(), 0) },
  evaluate: ({ seriesList: series, factor, timestamp }) =>
    series.map((one) => {
      const args = timestamp === 0 ? shortText(factor) : `${shortText(factor)},${timestamp}`
      return derive(one, `scale(${one.name},${args})`, {
        values: one.values.map((value, index) =>
          one.startSeconds + index * one.stepSeconds >= timestamp ? value * factor : value,
        ),
        mark: { scale: shortText(factor) },
      })
    }),
})
