import { aggregateValues } from '../calculate/aggregate-values.ts'
import { createConstantLine } from '../calculate/constant-line.ts'
import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { aggregation, boolean, seriesList, withDefault } from '../parameters.ts'

export const aggregateLine = defineFunction({
  name: 'aggregateLine',
  group: 'Calculate',
  description:
    'A level line for each series at the aggregate of all its values. It has three points; with keepStep, as many as the series.',
  example: 'aggregateLine(servers.web1.load, "max")',
  params: {
    seriesList: seriesList(),
    func: withDefault(aggregation(), 'average'),
    keepStep: withDefault(boolean(), false),
  },
  evaluate: ({ seriesList: series, func, keepStep }, { window }) =>
    series.map((one) => {
      const value = aggregateValues(one.values, func.aggregation)
      const isNull = Number.isNaN(value)
      const name = `aggregateLine(${one.name}, ${isNull ? 'None' : shortText(value)})`
      if (keepStep) return derive(one, name, { values: new Float64Array(one.values.length).fill(value) })
      const line = createConstantLine(isNull ? 'None' : floatText(value), value, window)
      return { ...line, name, pathExpression: name }
    }),
})
