import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import { createSeries } from './create-series.ts'

/** One value at the beginning, the middle and the end of a window. */
export function createConstantLine(name: string, value: number, window: QueryWindow): QuerySeries {
  const { fromSeconds, untilSeconds } = window
  return createSeries({
    name,
    startSeconds: fromSeconds,
    endSeconds: untilSeconds,
    stepSeconds: Math.max(1, Math.trunc((untilSeconds - fromSeconds) / 2)),
    values: new Float64Array(3).fill(value),
  })
}
