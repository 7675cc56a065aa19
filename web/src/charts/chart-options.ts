import uPlot from 'uplot'
import type { CanvasStyle } from '../theme.ts'
import type { EventEntry } from '../api.ts'
import type { TimeFormat } from '../time/time-format.ts'
import type { Span } from '../time/time-text.ts'
import { chartAxes, dateIn } from './chart-axes.ts'
import { type ChartData, lastedSeconds } from './chart-data.ts'
import { barFills, drawLoneRanges, drawZeros, fadeOut, isolatedPoints, withAlpha } from './chart-drawing.ts'
import { drawEventFlags } from './event-flags.ts'
import { bridgePauses } from './bridge-pauses.ts'
import { takeSelection } from './take-selection.ts'
import type { ChartPlan, PlannedLine } from './chart-plan.ts'
import { completePaths, drawUnfinished } from './unfinished.ts'
import { valueRange } from './value-range.ts'

export interface ChartLook {
  readonly color: string
  readonly style: CanvasStyle
  readonly times: TimeFormat
}

export interface ChartSize {
  readonly width: number
  readonly height: number
}

export interface ChartHandlers {
  /** Stretch of the time axis, in seconds; asked at every drawing, for it moves on with each flush. */
  readonly timeRange: () => [number, number]
  /** Intervals that end later are not over: their bars are drawn lighter, and the lines to their points dashed. */
  readonly completeUntil: () => number
  /** Index of the point under the cursor of this chart or of any other: the charts share one moment. */
  readonly onHover: (index: number | null) => void
  readonly events: () => readonly EventEntry[]
  readonly onZoom?: (span: Span) => void
}

/** Charts of one page show one moment under their cursors. */
const CURSOR_GROUP = 'kymo-cards'

export function createChartOptions(
  plan: ChartPlan,
  look: ChartLook,
  size: ChartSize,
  handlers: ChartHandlers,
): uPlot.Options {
  const { color, style, times } = look
  return {
    ...size,
    padding: [10, 8, 0, 0],
    legend: { show: false },
    tzDate: dateIn(times),
    cursor: {
      y: false,
      drag: { x: handlers.onZoom !== undefined, y: false, setScale: false, dist: 6 },
      bind: { dblclick: () => null },
      ...(plan.shape !== 'line' && { dataIdx: intervalAt }),
      sync: { key: CURSOR_GROUP, setSeries: false },
      points: { size: 7, width: 2, stroke: style.surface, fill: color, show: showsCursorPoint(plan) },
    },
    scales: {
      x: { time: true, range: handlers.timeRange },
      y: { range: (_chart, low, high) => valueRange(low, high, plan.isZeroBased) },
    },
    axes: chartAxes(style, plan.shape === 'bars' ? 'rate' : plan.unit, times),
    series: [
      {},
      ...bandSeries(plan),
      ...drawOrder(plan).map((line) => lineSeries(plan, line, color, handlers.completeUntil)),
    ],
    bands: plan.band === null ? [] : [{ series: [1, 2], fill: withAlpha(color, 0.14) }],
    hooks: {
      setCursor: [(chart) => handlers.onHover(hoveredIndex(chart))],
      setSelect: [(chart) => takeSelection(chart, handlers.onZoom)],
      drawSeries: [
        (chart, index) => {
          const line = drawOrder(plan)[index - (plan.band === null ? 1 : 3)]
          if (line === undefined || plan.shape === 'bars') return
          drawUnfinished(chart, index, {
            completeUntilSeconds: handlers.completeUntil(),
            color: strokeOf(line, color),
            width: widthOf(line),
            isStepped: plan.shape === 'steps',
          })
        },
      ],
      draw: [
        (chart) => drawZeros(chart, plan, color),
        (chart) => drawLoneRanges(chart, plan, color),
        (chart) => drawEventFlags(chart, handlers.events(), style.label),
      ],
    },
  }
}

/** Columns in the order of the options' series. */
export function chartColumns(plan: ChartPlan, data: ChartData): uPlot.AlignedData {
  const keys = drawOrder(plan).map((line) => line.key)
  if (plan.band !== null) keys.unshift(plan.band.upperKey, plan.band.lowerKey)
  const columns = keys.map((key) => data.columns.get(key) ?? [])
  if (plan.shape === 'line')
    return [data.times.slice(), ...columns.map((one) => bridgePauses(data.times, one))]
  if (plan.shape === 'steps') return [data.times.slice(), ...columns.map((one) => one.slice())]
  // Bars of any width are as high as what they count is frequent.
  const perSecond = (value: number | null, i: number) =>
    value === null ? null : value / lastedSeconds(data, data.times[i] ?? 0)
  return [data.times.slice(), ...columns.map((one) => one.map(perSecond))]
}

/** The main line is drawn last, over the others. */
function drawOrder(plan: ChartPlan): PlannedLine[] {
  return plan.lines.toReversed()
}

function bandSeries(plan: ChartPlan): uPlot.Series[] {
  if (plan.band === null) return []
  const invisible: uPlot.Series = { width: 0, points: { show: false } }
  return [invisible, invisible]
}

function lineSeries(
  plan: ChartPlan,
  line: PlannedLine,
  color: string,
  completeUntil: ChartHandlers['completeUntil'],
): uPlot.Series {
  if (plan.shape === 'bars') {
    const paths = uPlot.paths.bars?.({
      size: [0.7, 28, 1],
      align: -1,
      radius: 0.14,
      disp: { fill: { unit: 3, values: (chart) => barFills(chart, completeUntil(), color) } },
    })
    return { width: 0, fill: color, points: { show: false }, ...(paths && { paths }) }
  }
  const paths = plan.shape === 'steps' ? uPlot.paths.stepped?.({ align: -1 }) : uPlot.paths.linear?.()
  const isAlone = plan.lines.length === 1
  return {
    stroke: strokeOf(line, color),
    width: widthOf(line),
    ...(line.style === 'dashed' && { dash: [4, 4] }),
    ...(isAlone && { fill: (chart: uPlot) => fadeOut(chart, color) }),
    paths: completePaths(paths, completeUntil),
    points: { show: true, size: 5, width: 0, fill: color, filter: isolatedPoints },
  }
}

function strokeOf({ style }: PlannedLine, color: string): string {
  return style === 'main' ? color : withAlpha(color, 0.75)
}

function widthOf({ style }: PlannedLine): number {
  return style === 'main' ? 1.75 : 1.25
}

/** Bars and steps reach back from the end of their interval: the cursor is in the one that ends next. */
function intervalAt(chart: uPlot, _seriesIndex: number, closest: number, seconds: number): number {
  const time = chart.data[0][closest]
  return time !== undefined && time < seconds && closest + 1 < chart.data[0].length ? closest + 1 : closest
}

/** As seen by the last series, the main one. */
function hoveredIndex({ cursor }: uPlot): number | null {
  return cursor.idx === null || cursor.idx === undefined ? null : (cursor.idxs?.at(-1) ?? cursor.idx)
}

function showsCursorPoint(plan: ChartPlan): (chart: uPlot, seriesIndex: number) => HTMLElement {
  const mainIndex = (plan.band === null ? 0 : 2) + plan.lines.length
  return (_chart, seriesIndex) => {
    const point = document.createElement('div')
    point.className = 'u-cursor-pt'
    if (seriesIndex !== mainIndex || plan.shape === 'bars') point.classList.add('cursor-point-none')
    return point
  }
}
