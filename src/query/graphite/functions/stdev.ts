import { derive } from '../calculate/create-series.ts'
import { slideWindow, slidingCost } from '../calculate/sliding-window.ts'
import type { QuerySeries } from '../../query-series.ts'
import { defineFunction } from '../graphite-function.ts'
import { float, integer, seriesList, withDefault } from '../parameters.ts'

export const stdev = defineFunction({
  name: 'stdev',
  group: 'Calculate',
  description:
    'At each point the standard deviation of so many points up to it, of fewer at the beginning. Null where the share of them that have a value is below the windowTolerance.',
  example: 'stdev(servers.web1.load, 30, 0.5)',
  params: {
    seriesList: seriesList(),
    points: integer(),
    windowTolerance: withDefault(float(), 0.1),
  },
  async evaluate({ seriesList: series, points, windowTolerance }, call) {
    if (points < 1) return call.fail('the number of points has to be above 0')
    const deviated: QuerySeries[] = []
    for (const one of series) {
      // No window is longer than the series: what lies before it is nulls in any case.
      const length = Math.min(points, one.values.length)
      await call.work(slidingCost(one.values.length, length, 'stddev'))
      const padded = new Float64Array(Math.max(0, length - 1) + one.values.length).fill(Number.NaN)
      padded.set(one.values, Math.max(0, length - 1))
      deviated.push(
        derive(one, `stdev(${one.name},${points})`, {
          values: slideWindow(padded, length, 'stddev', { xFilesFactor: windowTolerance, total: points }),
          mark: { stdev: String(points) },
        }),
      )
    }
    return deviated
  },
})
