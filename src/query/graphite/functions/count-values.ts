import { createSeries } from '../calculate/create-series.ts'
import { normalize } from '../calculate/normalize.ts'
import { defineFunction } from '../graphite-function.ts'
import { integer, seriesList, withDefault } from '../parameters.ts'

export const countValues = defineFunction({
  name: 'countValues',
  group: 'Combine',
  description:
    'A series for each value that the series have, named after it, which counts how many of them have it at each point. Fractions are cut off. If there are more values than valuesLimit, the answer is one series named error.too.many.values.limit.reached.',
  example: 'countValues(servers.*.version)',
  params: { seriesList: seriesList(), valuesLimit: withDefault(integer(), 32) },
  evaluate({ seriesList: series, valuesLimit }, call) {
    const normalized = normalize(series)
    if (normalized === undefined) return []
    const { columns, rowCount, startSeconds, endSeconds, stepSeconds } = normalized
    const create = (name: string, values: Float64Array) =>
      createSeries({ name, startSeconds, endSeconds, stepSeconds, values })
    const counts = new Map<number, Float64Array>()
    for (const column of columns) {
      for (const [row, value] of column.entries()) {
        if (Number.isNaN(value)) continue
        // -0 is 0.
        const key = Math.trunc(value) + 0
        const known = counts.get(key)
        if (known === undefined && counts.size >= valuesLimit) {
          return [create(TOO_MANY_VALUES, new Float64Array(rowCount))]
        }
        const ofValue = known ?? new Float64Array(rowCount)
        if (known === undefined) {
          call.reserve(rowCount)
          counts.set(key, ofValue)
        }
        ofValue[row] = (ofValue[row] as number) + 1
      }
    }
    return [...counts].sort(([a], [b]) => a - b).map(([key, values]) => create(String(key), values))
  },
})

const TOO_MANY_VALUES = 'error.too.many.values.limit.reached'
