import { derive } from '../calculate/create-series.ts'
import { mapEach, mapValues } from '../calculate/map-values.ts'
import { roundTo } from '../calculate/round.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText, wholeText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const scale = defineFunction({
  name: 'scale',
  group: 'Transform',
  description: 'Multiplies each value by the factor.',
  example: 'scale(servers.web1.load, 100)',
  params: { seriesList: seriesList(), factor: float() },
  evaluate: ({ seriesList: series, factor }) =>
    mapEach(
      series,
      (name) => `scale(${name},${shortText(factor)})`,
      (value) => value * factor,
      { scale: floatText(factor) },
    ),
})

export const scaleToSeconds = defineFunction({
  name: 'scaleToSeconds',
  group: 'Transform',
  description:
    'Multiplies each value by the seconds, divided by those between two points: what is counted per point becomes what is counted per so many seconds. Rounded to six digits.',
  example: 'scaleToSeconds(stats.requests, 1)',
  params: { seriesList: seriesList(), seconds: float() },
  evaluate: ({ seriesList: series, seconds }) =>
    series.map((one) => {
      const factor = seconds / one.stepSeconds
      return derive(one, `scaleToSeconds(${one.name},${wholeText(seconds)})`, {
        values: mapValues(one.values, (value) => roundTo(value * factor, 6)),
        mark: { scaleToSeconds: floatText(seconds) },
      })
    }),
})
