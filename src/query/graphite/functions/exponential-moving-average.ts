import { average } from '../calculate/aggregate-values.ts'
import { derive } from '../calculate/create-series.ts'
import { beginEarlier, previewSecondsOf, sizeText, withPreview } from '../calculate/preview.ts'
import { roundTo } from '../calculate/round.ts'
import { defineFunction } from '../graphite-function.ts'
import { expression, windowSize } from '../parameters.ts'
import { WINDOW_SIZES } from './moving-window.ts'

export const exponentialMovingAverage = defineFunction({
  name: 'exponentialMovingAverage',
  group: 'Calculate',
  description:
    'An average in which each value counts for 2 / (n + 1), and all before it for the rest; n is the number of points, or of seconds of a length of time. It begins with the plain average of the window before the request. Rounded to six digits.',
  example: 'exponentialMovingAverage(servers.web1.load, "5min")',
  params: { seriesList: expression(), windowSize: windowSize({ suggestions: WINDOW_SIZES }) },
  windows: ({ windowSize: size }, window, { stepSeconds }) => [
    beginEarlier(window, previewSecondsOf(size, stepSeconds)),
  ],
  async evaluate({ seriesList: expressionOf, windowSize: size }, call) {
    const { series, previewSeconds } = await withPreview(expressionOf, size, call)
    const weight = 2 / (('points' in size ? size.points : previewSeconds) + 1)
    const { shown, mark } = sizeText(size)
    return series.map((one) => {
      const points = 'points' in size ? size.points : Math.floor(previewSeconds / one.stepSeconds)
      return derive(one, `exponentialMovingAverage(${one.name},${shown})`, {
        values: averageExponentially(one.values, points, weight),
        startSeconds: one.startSeconds + previewSeconds,
        mark: { exponentialMovingAverage: mark },
      })
    })
  },
})

/** One value more than there are after the first window: the average of that. */
function averageExponentially(values: Float64Array, points: number, weight: number): Float64Array {
  const seed = average(values.subarray(0, points))
  let current = Number.isNaN(seed) ? 0 : seed
  const averages = new Float64Array(Math.max(0, values.length - points) + 1)
  averages[0] = roundTo(current, 6)
  for (let index = points; index < values.length; index++) {
    const value = values[index] as number
    if (value === value) current = weight * value + (1 - weight) * current
    averages[index - points + 1] = value === value ? roundTo(current, 6) : Number.NaN
  }
  return averages
}
