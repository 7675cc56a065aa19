import { average, sortedPresent } from '../calculate/aggregate-values.ts'
import { percentileOfSorted } from '../calculate/percentile.ts'
import { defineFunction } from '../graphite-function.ts'
import { float, seriesList } from '../parameters.ts'

export const averageOutsidePercentile = defineFunction({
  name: 'averageOutsidePercentile',
  group: 'Filter Series',
  description:
    'Leaves out the series whose average lies between the percentiles n and 100 - n of all averages: the outliers stay. Series without values stay, too.',
  example: 'averageOutsidePercentile(servers.*.load, 95)',
  params: { seriesList: seriesList(), n: float() },
  evaluate({ seriesList: series, n }) {
    const averages = Float64Array.from(series, ({ values }) => average(values))
    const isInside = betweenPercentiles(averages, n)
    return series.filter((_, index) => !isInside(averages[index] as number))
  },
})

export const removeBetweenPercentile = defineFunction({
  name: 'removeBetweenPercentile',
  group: 'Filter Series',
  description:
    'Leaves out the series of which every value lies between the percentiles n and 100 - n of all values at that point. Nulls are passed over.',
  example: 'removeBetweenPercentile(servers.*.load, 95)',
  params: { seriesList: seriesList(), n: float() },
  async evaluate({ seriesList: series, n }, call) {
    const isKept = new Set<number>()
    const rowCount = series.reduce((most, { values }) => Math.max(most, values.length), 0)
    for (let row = 0; row < rowCount; row++) {
      await call.work(series.length * STEPS_PER_VALUE)
      const column = Float64Array.from(series, ({ values }) => values[row] ?? Number.NaN)
      const isInside = betweenPercentiles(column, n)
      for (const [index, value] of column.entries()) {
        if (!Number.isNaN(value) && !isInside(value)) isKept.add(index)
      }
    }
    return series.filter((_, index) => isKept.has(index))
  },
})

/** Below 50, the two percentiles change places. */
function betweenPercentiles(values: Float64Array, n: number): (value: number) => boolean {
  const percent = n < 50 ? 100 - n : n
  const sorted = sortedPresent(values)
  const low = percentileOfSorted(sorted, 100 - percent)
  const high = percentileOfSorted(sorted, percent)
  return (value) => low < value && value < high
}

/** To sort them. */
const STEPS_PER_VALUE = 12
