import type uPlot from 'uplot'
import type { Span } from '../time/time-text.ts'

const LEAST_PIXELS = 6

/** What was dragged over becomes the stretch of time that is asked for; the mark goes. */
export function takeSelection(chart: uPlot, onZoom: ((span: Span) => void) | undefined): void {
  const { left, width } = chart.select
  if (width < LEAST_PIXELS) return
  const span = { fromSeconds: chart.posToVal(left, 'x'), untilSeconds: chart.posToVal(left + width, 'x') }
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onZoom?.(span)
}
