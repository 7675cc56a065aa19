import { minimum } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { mapEach, mapValues } from '../calculate/map-values.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText, wholeText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const add = defineFunction({
  name: 'add',
  group: 'Transform',
  description: 'Adds the constant to each value.',
  example: 'add(servers.web1.load, 10)',
  params: { seriesList: seriesList(), constant: float() },
  evaluate: ({ seriesList: series, constant }) =>
    mapEach(
      series,
      (name) => `add(${name},${wholeText(constant)})`,
      (value) => value + constant,
      { add: floatText(constant) },
    ),
})

export const offset = defineFunction({
  name: 'offset',
  group: 'Transform',
  description: 'Adds the factor to each value.',
  example: 'offset(servers.web1.load, -1)',
  params: { seriesList: seriesList(), factor: float() },
  evaluate: ({ seriesList: series, factor }) =>
    mapEach(
      series,
      (name) => `offset(${name},${shortText(factor)})`,
      (value) => value + factor,
      { offset: floatText(factor) },
    ),
})

export const offsetToZero = defineFunction({
  name: 'offsetToZero',
  group: 'Transform',
  description: 'Takes from each value the least value of its series, so that the least becomes 0.',
  example: 'offsetToZero(servers.*.uptime)',
  params: { seriesList: seriesList() },
  evaluate: ({ seriesList: series }) =>
    series.map((one) => {
      const least = minimum(one.values)
      return derive(one, `offsetToZero(${one.name})`, {
        values: mapValues(one.values, (value) => value - least),
        mark: { offsetToZero: Number.isNaN(least) ? 'None' : floatText(least) },
      })
    }),
})
