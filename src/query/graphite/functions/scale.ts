import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const scale = defineFunction({
  name: 'scale',
  group: 'Transform',
  description: 'Multiplies each value by the factor.',
  example: 'scale(servers.web1.load, 100)',
  params: { seriesList: seriesList(), factor: float() },
  evaluate: ({ seriesList: series, factor }) =>
    series.map((one) =>
      derive(one, `scale(${one.name},${shortText(factor)})`, {
        values: one.values.map((value) => value * factor),
        mark: { scale: floatText(factor) },
      }),
    ),
})
