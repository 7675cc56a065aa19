import uPlot from 'uplot'
import type { LineScene } from '../drawing-thread/messages.ts'
import type { CanvasStyle } from '../theme.ts'
import type { TimeFormat } from '../time/time-format.ts'
import { chartAxes, dateIn } from './chart-axes.ts'
import { isolatedPoints } from './chart-drawing.ts'
import { drawEventFlags } from './event-flags.ts'
import { completePaths, drawUnfinished } from './unfinished.ts'
import { valueRange } from './value-range.ts'

export interface LineLook {
  readonly width: number
  readonly height: number
  readonly style: CanvasStyle
  readonly times: TimeFormat
}

const LINE_WIDTH = 1.75

/** How a chart of many lines is drawn, on the page and beside it. What is in `newest` may change between drawings, its lines in nothing but their points. */
export function createLineOptions(look: LineLook, newest: { readonly current: LineScene }): uPlot.Options {
  const { width, height, style, times } = look
  const completeUntil = (index: number) =>
    newest.current.series[index]?.completeUntilSeconds ?? Number.POSITIVE_INFINITY
  return {
    width,
    height,
    padding: [14, 8, 0, 0],
    legend: { show: false },
    tzDate: dateIn(times),
    focus: { alpha: 0.25 },
    scales: {
      x: { time: true, range: () => [newest.current.span.fromSeconds, newest.current.span.untilSeconds] },
      y: { range: (_chart, low, high) => valueRange(low, high, false) },
    },
    axes: chartAxes(style, newest.current.unit, times),
    series: [
      {},
      ...newest.current.series.map(({ color, isDashed, isShown }, index) => ({
        stroke: color,
        width: LINE_WIDTH,
        show: isShown,
        paths: completePaths(uPlot.paths.linear?.(), () => completeUntil(index)),
        ...(isDashed && { dash: [5, 4] }),
        points: { show: true, size: 5, width: 0, fill: color, filter: isolatedPoints },
      })),
    ],
    hooks: {
      drawSeries: [
        (chart, index) => {
          const one = newest.current.series[index - 1]
          if (one?.isShown === true) {
            drawUnfinished(chart, index, { ...one, width: LINE_WIDTH, isStepped: false })
          }
        },
      ],
      draw: [(chart) => drawEventFlags(chart, newest.current.events, style.label)],
    },
  }
}
