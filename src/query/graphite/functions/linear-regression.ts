import type { QuerySeries } from '../../query-series.ts'
import { derive } from '../calculate/create-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { date, expression, optional } from '../parameters.ts'

export const linearRegression = defineFunction({
  name: 'linearRegression',
  group: 'Calculate',
  description:
    'The straight line that is nearest to the values (least squares): to those of the request, or of the time between startSourceAt and endSourceAt. A series of fewer than two values has none and is left out.',
  example: 'linearRegression(servers.web1.disk.used, "-7d")',
  params: {
    seriesList: expression(),
    startSourceAt: optional(date()),
    endSourceAt: optional(date()),
  },
  windows: ({ startSourceAt, endSourceAt }, window) => [
    window,
    {
      ...window,
      fromSeconds: startSourceAt ?? window.fromSeconds,
      untilSeconds: endSourceAt ?? window.untilSeconds,
    },
  ],
  async evaluate({ seriesList: expressionOf }, call) {
    const [window = call.window, source = call.window] = call.windows
    const series = await expressionOf.over(window)
    const sources = await expressionOf.over(source)
    const { fromSeconds, untilSeconds } = source
    return series.flatMap((one, index) => {
      const line = lineThrough(sources[index])
      if (line === undefined) return []
      const values = new Float64Array(one.values.length)
      for (let point = 0; point < values.length; point++) {
        values[point] = line.offset + (one.startSeconds + point * one.stepSeconds) * line.slope
      }
      return derive(one, `linearRegression(${one.name}, ${fromSeconds}, ${untilSeconds})`, {
        values,
        consolidation: 'average',
        mark: { linearRegressions: `${fromSeconds}, ${untilSeconds}` },
      })
    })
  },
})

/** `offset + seconds x slope`; undefined: fewer than two values. */
function lineThrough(series: QuerySeries | undefined): { slope: number; offset: number } | undefined {
  if (series === undefined) return undefined
  let count = 0
  let sumOfPlaces = 0
  let sumOfValues = 0
  let sumOfSquares = 0
  let sumOfProducts = 0
  for (const [place, value] of series.values.entries()) {
    if (Number.isNaN(value)) continue
    count += 1
    sumOfPlaces += place
    sumOfValues += value
    sumOfSquares += place * place
    sumOfProducts += place * value
  }
  const denominator = count * sumOfSquares - sumOfPlaces * sumOfPlaces
  if (denominator === 0) return undefined
  const slope = (count * sumOfProducts - sumOfPlaces * sumOfValues) / denominator / series.stepSeconds
  const atStart = (sumOfSquares * sumOfValues - sumOfProducts * sumOfPlaces) / denominator
  return { slope, offset: atStart - slope * series.startSeconds }
}
