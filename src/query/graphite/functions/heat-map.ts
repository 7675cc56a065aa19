import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { seriesList } from '../parameters.ts'

export const heatMap = defineFunction({
  name: 'heatMap',
  group: 'Transform',
  description:
    'Makes the buckets of a heat map of counters that each include the ones below: sorts the series by the sum of their first five values, and gives what each has more than the one before it. That is one series less.',
  example: 'heatMap(latency.bucket.*)',
  params: { seriesList: seriesList() },
  evaluate({ seriesList: series }, call) {
    const sorted = sortByFirstValues(series)
    const [first] = sorted
    if (sorted.some((one) => first !== undefined && !isAlike(first, one))) {
      return call.fail('all series need the same times and the same step')
    }
    return sorted.slice(1).map((one, index) => {
      const before = sorted[index] as QuerySeries
      return derive(one, `heatMap(${one.name},${before.name})`, {
        values: one.values.map((value, row) => value - (before.values[row] as number)),
      })
    })
  },
})

function isAlike(a: QuerySeries, b: QuerySeries): boolean {
  return (
    a.startSeconds === b.startSeconds &&
    a.endSeconds === b.endSeconds &&
    a.stepSeconds === b.stepSeconds &&
    a.values.length === b.values.length
  )
}

/** Only points at which all series have a value count. */
function sortByFirstValues(series: readonly QuerySeries[]): readonly QuerySeries[] {
  const sums = new Float64Array(series.length)
  let found = 0
  const rowCount = series[0]?.values.length ?? 0
  for (let row = 0; row < rowCount && found < FIRST_VALUES; row++) {
    if (series.some(({ values }) => Number.isNaN(values[row] ?? Number.NaN))) continue
    found++
    for (const [index, { values }] of series.entries())
      sums[index] = (sums[index] as number) + (values[row] as number)
  }
  return series
    .map((one, index) => ({ one, sum: sums[index] as number }))
    .sort((a, b) => (a.sum === b.sum ? 0 : a.sum < b.sum ? -1 : 1))
    .map(({ one }) => one)
}

const FIRST_VALUES = 5
