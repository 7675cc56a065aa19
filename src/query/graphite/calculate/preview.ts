import type { QuerySeries } from '../../query-series.ts'
import type { QueryWindow } from '../../query-window.ts'
import type { FunctionCall, SeriesExpression } from '../function-call.ts'
import type { WindowSize } from '../interval.ts'

/** Seconds of history that a window of so many points, or of such a length, looks back. */
export function previewSecondsOf(size: WindowSize, stepSeconds: number): number {
  return 'points' in size ? size.points * stepSeconds : Math.abs(size.seconds)
}

export function beginEarlier(window: QueryWindow, seconds: number): QueryWindow {
  return { ...window, fromSeconds: window.fromSeconds - seconds }
}

/**
 * Series with the history that comes before the window of a call. How long that is, of a number of points, is known only from the
 * series themselves: if they are not as they were planned to be, they are evaluated again.
 */
export async function withPreview(
  series: SeriesExpression,
  size: WindowSize,
  call: FunctionCall,
): Promise<{ readonly series: readonly QuerySeries[]; readonly previewSeconds: number }> {
  const [window = call.window] = call.windows
  const planned = await series.over(window)
  const stepSeconds = planned.reduce((most, one) => Math.max(most, one.stepSeconds), 0)
  const previewSeconds = previewSecondsOf(size, stepSeconds)
  const wanted = beginEarlier(call.window, previewSeconds)
  if (planned.length === 0 || wanted.fromSeconds === window.fromSeconds) {
    return { series: planned, previewSeconds }
  }
  return { series: await series.over(wanted), previewSeconds }
}

export function sizeText(size: WindowSize): { readonly shown: string; readonly mark: string } {
  return 'points' in size
    ? { shown: String(size.points), mark: String(size.points) }
    : { shown: `"${size.text}"`, mark: size.text }
}
