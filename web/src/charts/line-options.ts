import uPlot from 'uplot'
import { type Aligned, plotColumns } from '../explore/aligned.ts'
import type { LineScene } from '../drawing-thread/messages.ts'
import type { CanvasStyle } from '../theme.ts'
import type { TimeFormat } from '../time/time-format.ts'
import { chartAxes, dateIn } from './chart-axes.ts'
import { isolatedPoints, withAlpha } from './chart-drawing.ts'
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

const STACKED_ALPHA = 0.32

/** The points as they are drawn. */
export function lineColumns(points: Aligned, { isStacked }: Pick<LineScene, 'isStacked'>): uPlot.AlignedData {
  const [times, ...columns] = plotColumns(points)
  return [times, ...(isStacked ? stackColumns(columns) : columns)]
}

/** Each on the sum of those before it. A gap stays a gap, and carries nothing. */
function stackColumns(columns: readonly Column[]): Column[] {
  const sums: number[] = []
  return columns.map((column) =>
    column.map((value, i) => (typeof value === 'number' ? (sums[i] = (sums[i] ?? 0) + value) : value)),
  )
}

type Column = (number | null | undefined)[]

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
      y: { range: (_chart, low, high) => valueRange(low, high, newest.current.isStacked) },
    },
    axes: chartAxes(style, newest.current.unit, times),
    series: [
      {},
      ...newest.current.series.map(({ color, isDashed, isShown }, index) => ({
        stroke: color,
        // What stands on another one is filled down to it, as a band.
        ...(newest.current.isStacked && index === 0 && { fill: withAlpha(color, STACKED_ALPHA) }),
        width: LINE_WIDTH,
        show: isShown,
        paths: completePaths(uPlot.paths.linear?.(), () => completeUntil(index)),
        ...(isDashed && { dash: [5, 4] }),
        points: { show: true, size: 5, width: 0, fill: color, filter: isolatedPoints },
      })),
    ],
    bands: newest.current.isStacked
      ? newest.current.series.slice(1).map(({ color }, index) => ({
          series: [index + 2, index + 1] as [number, number],
          fill: withAlpha(color, STACKED_ALPHA),
        }))
      : [],
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
