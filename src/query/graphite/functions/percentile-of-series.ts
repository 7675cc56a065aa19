import { createSeries } from '../calculate/create-series.ts'
import { normalize } from '../calculate/normalize.ts'
import { percentileOfUnsorted } from '../calculate/percentile.ts'
import { defineFunction } from '../graphite-function.ts'
import { shortText } from '../number-text.ts'
import { boolean, float, seriesList, withDefault } from '../parameters.ts'

export const percentileOfSeries = defineFunction({
  name: 'percentileOfSeries',
  group: 'Combine',
  description:
    'The n-th percentile of the series at each point: one of their values, or, if interpolated, a number between two of them.',
  example: 'percentileOfSeries(servers.*.load, 95)',
  isAggregator: true,
  params: { seriesList: seriesList(), n: float(), interpolate: withDefault(boolean(), false) },
  async evaluate({ seriesList: series, n, interpolate }, call) {
    if (!(n > 0)) return call.fail('the percentile has to be above 0')
    const normalized = normalize(series)
    if (normalized === undefined) return []
    const { columns, rowCount, startSeconds, endSeconds, stepSeconds } = normalized
    await call.work(columns.length * rowCount)
    const values = new Float64Array(rowCount)
    const row = new Float64Array(columns.length)
    for (let index = 0; index < rowCount; index++) {
      let count = 0
      for (const column of columns) {
        const value = column[index] as number
        // Past the end of a column, undefined is not itself a number either.
        if (value <= Number.POSITIVE_INFINITY) row[count++] = value
      }
      values[index] = percentileOfUnsorted(row, n, interpolate, count)
    }
    const name = `percentileOfSeries(${series[0]?.pathExpression},${shortText(n)})`
    const xFilesFactor = call.xFilesFactor ?? 0
    return [createSeries({ name, startSeconds, endSeconds, stepSeconds, values, xFilesFactor })]
  },
})
