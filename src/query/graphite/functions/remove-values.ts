import type { QuerySeries } from '../../query-series.ts'
import { sortedPresent } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { percentileOfSorted } from '../calculate/percentile.ts'
import type { FunctionCall } from '../function-call.ts'
import { defineFunction } from '../graphite-function.ts'
import { floatText, shortText } from '../number-text.ts'
import { float, seriesList } from '../parameters.ts'

export const removeAboveValue = defineFunction({
  name: 'removeAboveValue',
  group: 'Filter Data',
  description: 'Makes null of values above n.',
  example: 'removeAboveValue(servers.*.latency, 1000)',
  params: { seriesList: seriesList(), n: float() },
  evaluate: ({ seriesList: series, n }) =>
    series.map((one) => remove(one, `removeAboveValue(${one.name}, ${shortText(n)})`, (value) => value > n)),
})

export const removeBelowValue = defineFunction({
  name: 'removeBelowValue',
  group: 'Filter Data',
  description: 'Makes null of values below n.',
  example: 'removeBelowValue(servers.*.latency, 0)',
  params: { seriesList: seriesList(), n: float() },
  evaluate: ({ seriesList: series, n }) =>
    series.map((one) => remove(one, `removeBelowValue(${one.name}, ${shortText(n)})`, (value) => value < n)),
})

export const removeAbovePercentile = defineFunction({
  name: 'removeAbovePercentile',
  group: 'Filter Data',
  description: 'Makes null of the values of each series that are above its percentile n.',
  example: 'removeAbovePercentile(servers.*.latency, 99)',
  params: { seriesList: seriesList(), n: float() },
  evaluate: ({ seriesList: series, n }, call) =>
    series.map((one) => {
      const most = percentileOf(one, n, call)
      const name = `removeAbovePercentile(${one.name}, ${shortText(n)})`
      return marked(
        remove(one, name, (value) => value > most),
        n,
        most,
      )
    }),
})

export const removeBelowPercentile = defineFunction({
  name: 'removeBelowPercentile',
  group: 'Filter Data',
  description: 'Makes null of the values of each series that are below its percentile n.',
  example: 'removeBelowPercentile(servers.*.latency, 1)',
  params: { seriesList: seriesList(), n: float() },
  evaluate: ({ seriesList: series, n }, call) =>
    series.map((one) => {
      const least = percentileOf(one, n, call)
      const name = `removeBelowPercentile(${one.name}, ${shortText(n)})`
      return marked(
        remove(one, name, (value) => value < least),
        n,
        least,
      )
    }),
})

function remove(series: QuerySeries, name: string, isRemoved: (value: number) => boolean): QuerySeries {
  return derive(series, name, {
    values: series.values.map((value) => (isRemoved(value) ? Number.NaN : value)),
  })
}

function percentileOf({ values }: QuerySeries, n: number, { fail }: Pick<FunctionCall, 'fail'>): number {
  if (n <= 0) return fail('the percentile has to be above 0')
  return percentileOfSorted(sortedPresent(values), n)
}

/** As nPercentile marks series, which Graphite calls for this; not those without values. */
function marked(series: QuerySeries, n: number, percentile: number): QuerySeries {
  return Number.isNaN(percentile)
    ? series
    : derive(series, series.name, { mark: { nPercentile: floatText(n) } })
}
