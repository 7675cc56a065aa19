import type { Aggregation } from '../aggregation-name.ts'
import { aggregateValues } from '../calculate/aggregate-values.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { defineFunction } from '../graphite-function.ts'
import { aggregation, float, seriesList, text } from '../parameters.ts'

export const filterSeries = defineFunction({
  name: 'filterSeries',
  group: 'Filter Series',
  description:
    'Keeps the series of which an aggregate of all values compares with the threshold as it is said. Of series without values it is neither equal nor above, and less than anything.',
  example: 'filterSeries(servers.*.load, "max", ">", 4)',
  params: {
    seriesList: seriesList(),
    func: aggregation(),
    operator: text({ options: ['!=', '<', '<=', '=', '>', '>='] }),
    threshold: float(),
  },
  evaluate: ({ seriesList: series, func, operator, threshold }) =>
    series.filter(({ values }) => compares(aggregateValues(values, func.aggregation), operator, threshold)),
})

export const averageAbove = defineFilter('averageAbove', 'average', '>', 'average')
export const averageBelow = defineFilter('averageBelow', 'average', '<=', 'average')
export const currentAbove = defineFilter('currentAbove', 'last', '>', 'last')
export const currentBelow = defineFilter('currentBelow', 'last', '<=', 'last')
export const maximumAbove = defineFilter('maximumAbove', 'max', '>', 'greatest')
export const maximumBelow = defineFilter('maximumBelow', 'max', '<=', 'greatest')
export const minimumAbove = defineFilter('minimumAbove', 'min', '>', 'least')
export const minimumBelow = defineFilter('minimumBelow', 'min', '<=', 'least')

/** NaN is null: not equal to anything, and below everything. */
function compares(value: number, operator: string, threshold: number): boolean {
  switch (operator) {
    case '=':
      return value === threshold
    case '!=':
      return value !== threshold
    case '>':
      return value > threshold
    case '>=':
      return value >= threshold
    case '<':
      return !(value >= threshold)
    case '<=':
      return !(value > threshold)
    default:
      throw new Error(`BUG: ${operator} does not compare`)
  }
}

function defineFilter(
  name: string,
  aggregationOf: Aggregation,
  operator: '>' | '<=',
  what: string,
): GraphiteFunction {
  return defineFunction({
    name,
    group: 'Filter Series',
    description:
      operator === '>'
        ? `Keeps the series whose ${what} value is above n.`
        : `Keeps the series whose ${what} value is n or below, and those without values.`,
    example: `${name}(servers.*.load, 4)`,
    params: { seriesList: seriesList(), n: float() },
    evaluate: ({ seriesList: series, n }) =>
      series.filter(({ values }) => compares(aggregateValues(values, aggregationOf), operator, n)),
  })
}
