import uPlot from 'uplot'
import { formatAxisValues, type Unit } from '../format.ts'
import type { TimeFormat } from '../time/time-format.ts'
import type { CanvasStyle } from '../theme.ts'

/** A time closer to the edge than this has no label: the edge would cut it. */
const LABEL_EDGE_PIXELS = 12

/** The two axes that all charts have. */
export function chartAxes(style: CanvasStyle, unit: Unit, times: TimeFormat): uPlot.Axis[] {
  const { font } = style
  return [
    {
      stroke: style.label,
      font,
      grid: { show: false },
      ticks: { show: false },
      space: 60,
      size: 24,
      gap: 6,
      values: (chart, splits, _axis, spacePixels, stepSeconds) => {
        const end = (chart.scales.x?.max ?? 0) - (LABEL_EDGE_PIXELS * stepSeconds) / spacePixels
        return splits.map((seconds) => (seconds > end ? '' : times.axis(seconds, stepSeconds)))
      },
    },
    {
      stroke: style.label,
      font,
      grid: { stroke: style.grid, width: 1 },
      ticks: { show: false },
      border: { show: false },
      space: 34,
      size: measureAxis,
      gap: 8,
      values: (_chart, splits) => formatAxisValues(splits, unit),
    },
  ]
}

/** Wide enough for the longest label, so that no label is cut and charts with short ones lose no space. */
function measureAxis(chart: uPlot, labels: string[] | null): number {
  const longest = (labels ?? []).reduce((a, b) => (b.length > a.length ? b : a), '')
  chart.ctx.save()
  chart.ctx.font = chart.axes[1]?.font?.[0] ?? '11px sans-serif'
  const width = chart.ctx.measureText(longest).width / uPlot.pxRatio
  chart.ctx.restore()
  return Math.ceil(Math.max(width, 16)) + 10
}

/** Round times are those of the zone: days begin at its midnight. */
export function dateIn({ zone }: TimeFormat): (seconds: number) => Date {
  return (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone)
}
