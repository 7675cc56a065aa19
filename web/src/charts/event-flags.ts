import uPlot from 'uplot'
import type { EventEntry } from '../api.ts'

/** A line for each event, with a flag at its top. */
export function drawEventFlags(chart: uPlot, events: readonly EventEntry[], color: string): void {
  const { ctx, bbox } = chart
  const from = chart.scales.x?.min ?? 0
  const until = chart.scales.x?.max ?? 0
  const unit = uPlot.pxRatio
  ctx.save()
  ctx.strokeStyle = color
  ctx.fillStyle = color
  ctx.lineWidth = unit
  for (const { timeMs } of events) {
    const seconds = timeMs / 1000
    if (seconds < from || seconds > until) continue
    const x = Math.round(chart.valToPos(seconds, 'x', true)) + 0.5
    ctx.globalAlpha = 0.55
    ctx.setLineDash([3 * unit, 3 * unit])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.globalAlpha = 1
    ctx.beginPath()
    ctx.moveTo(x - 4 * unit, bbox.top - 6 * unit)
    ctx.lineTo(x + 4 * unit, bbox.top - 6 * unit)
    ctx.lineTo(x, bbox.top)
    ctx.fill()
  }
  ctx.restore()
}
