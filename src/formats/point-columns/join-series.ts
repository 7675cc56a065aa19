import type { SeriesKey } from '../../model/series-key.ts'
import type { PointColumns } from './point-columns.ts'

/** The points of several series as columns. */
export function joinSeries(
  all: readonly { readonly key: SeriesKey; readonly timesMs: Float64Array; readonly values: Float64Array }[],
): PointColumns {
  const points = all.reduce((sum, { values }) => sum + values.length, 0)
  const [timesMs, values] = [new Float64Array(points), new Float64Array(points)]
  let row = 0
  for (const one of all) {
    timesMs.set(one.timesMs, row)
    values.set(one.values, row)
    row += one.values.length
  }
  return { series: all.map((one) => ({ key: one.key, points: one.values.length })), timesMs, values }
}
