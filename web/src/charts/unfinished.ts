import uPlot from 'uplot'

/**
 * An interval that is not over still changes, and so does its point: the line to it is dashed.
 *
 *   ──────╮    ╭──────╌╌╌╌╌
 *         ╰────╯      | now: the last bucket has only some of its points
 */
export interface UnfinishedLine {
  /** Points later than this are of intervals that are not over. */
  readonly completeUntilSeconds: number
  readonly color: string
  readonly width: number
  readonly isStepped: boolean
}

/** The path up to the last point that stays as it is; the rest is drawn by drawUnfinished. */
export function completePaths(
  paths: uPlot.Series.PathBuilder | undefined,
  completeUntilSeconds: () => number,
): uPlot.Series.PathBuilder {
  return (chart, seriesIndex, from, until) => {
    const completeUntil = completeUntilSeconds()
    const last = chart.data[0].findLastIndex((seconds) => seconds <= completeUntil)
    return paths === undefined || last < from ? null : paths(chart, seriesIndex, from, Math.min(until, last))
  }
}

export function drawUnfinished(chart: uPlot, seriesIndex: number, line: UnfinishedLine): void {
  const [times] = chart.data
  const values = chart.data[seriesIndex] ?? []
  // Fast path: all is complete, as it mostly is.
  if ((times.at(-1) ?? 0) <= line.completeUntilSeconds) return
  const first = times.findIndex((seconds) => seconds > line.completeUntilSeconds)
  const { ctx, bbox } = chart
  const unit = uPlot.pxRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.beginPath()
  ctx.strokeStyle = line.color
  ctx.globalAlpha = chart.series[seriesIndex]?.alpha ?? 1
  ctx.lineWidth = line.width * unit
  ctx.setLineDash([3 * unit, 3 * unit])
  let previous = lastBefore(values, first)
  for (let i = first; i < times.length; i++) {
    const value = values[i]
    if (value === undefined) continue
    if (value !== null && previous !== undefined) {
      moveTo(chart, times[previous] ?? 0, values[previous] ?? 0)
      if (line.isStepped) lineTo(chart, times[previous] ?? 0, value)
      lineTo(chart, times[i] ?? 0, value)
    }
    previous = value === null ? undefined : i
  }
  ctx.stroke()
  ctx.restore()
}

/** The point that the line goes on from; undefined: there is a gap. */
function lastBefore(values: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let i = index - 1; i >= 0; i--) {
    const value = values[i]
    if (value === null) return undefined
    if (value !== undefined) return i
  }
  return undefined
}

function moveTo(chart: uPlot, seconds: number, value: number): void {
  chart.ctx.moveTo(chart.valToPos(seconds, 'x', true), chart.valToPos(value, 'y', true))
}

function lineTo(chart: uPlot, seconds: number, value: number): void {
  chart.ctx.lineTo(chart.valToPos(seconds, 'x', true), chart.valToPos(value, 'y', true))
}
