import uPlot from 'uplot'
import type { ChartPlan } from './chart-plan.ts'

/** What uPlot does not draw by itself: colours by point, dots and bars where a line would be invisible. */

/** A bar that still grows is lighter. */
export function barFills(chart: uPlot, completeUntilSeconds: number, color: string): string[] {
  const solid = withAlpha(color, 0.85)
  const light = withAlpha(color, 0.35)
  return Array.from(chart.data[0], (seconds) => (seconds <= completeUntilSeconds ? solid : light))
}

/** A point between two gaps has no line to it: it is drawn as a dot, or it could not be seen. */
export function isolatedPoints(chart: uPlot, seriesIndex: number): number[] {
  const values = chart.data[seriesIndex] ?? []
  const indices: number[] = []
  // Over times at which it has neither a point nor a gap, a line goes on.
  let before: number | null = null
  let last = -1
  let isAlone = false
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === undefined) continue
    if (value === null) {
      if (isAlone) indices.push(last)
      isAlone = false
    } else {
      isAlone = before === null
      last = i
    }
    before = value
  }
  if (isAlone) indices.push(last)
  return indices
}

/** The band has no width at a point between two gaps: its range is drawn as a bar. */
export function drawLoneRanges(chart: uPlot, plan: ChartPlan, color: string): void {
  if (plan.band === null) return
  const [times, uppers, lowers] = chart.data
  const width = Math.round(5 * uPlot.pxRatio)
  chart.ctx.save()
  chart.ctx.fillStyle = withAlpha(color, 0.25)
  for (const i of isolatedPoints(chart, 1)) {
    const middle = chart.valToPos(times[i] ?? 0, 'x', true)
    const top = chart.valToPos(uppers?.[i] ?? 0, 'y', true)
    const bottom = chart.valToPos(lowers?.[i] ?? 0, 'y', true)
    chart.ctx.fillRect(middle - width / 2, top, width, bottom - top)
  }
  chart.ctx.restore()
}

/** An interval of zero is not a gap: it gets a stroke on the ground. */
export function drawZeros(chart: uPlot, plan: ChartPlan, color: string): void {
  const [times, values] = chart.data
  if (plan.shape !== 'bars' || values === undefined) return
  const { ctx } = chart
  const ground = chart.valToPos(0, 'y', true)
  const thickness = Math.max(1, Math.round(uPlot.pxRatio))
  ctx.save()
  ctx.beginPath()
  ctx.rect(chart.bbox.left, chart.bbox.top, chart.bbox.width, chart.bbox.height)
  ctx.clip()
  ctx.fillStyle = withAlpha(color, 0.55)
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) continue
    const time = times[i] ?? 0
    const stepSeconds = (times[i + 1] ?? time) - time || time - (times[i - 1] ?? time)
    const right = chart.valToPos(time, 'x', true)
    const left = chart.valToPos(time - stepSeconds * 0.85, 'x', true)
    ctx.fillRect(left, ground - thickness, Math.max(thickness, right - left), thickness)
  }
  ctx.restore()
}

/** The ground under a single line: fading downwards. */
export function fadeOut(chart: uPlot, color: string): CanvasGradient | string {
  const { top, height } = chart.bbox
  if (!Number.isFinite(top) || height <= 0) return withAlpha(color, 0.1)
  const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height)
  gradient.addColorStop(0, withAlpha(color, 0.22))
  gradient.addColorStop(1, withAlpha(color, 0.02))
  return gradient
}

/** `#rrggbb` and a share from 0 to 1. */
export function withAlpha(color: string, alpha: number): string {
  return (
    color +
    Math.round(alpha * 255)
      .toString(16)
      .padStart(2, '0')
  )
}
