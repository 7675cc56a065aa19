import type { GraphOptions } from './graph-options.ts'
import type { GraphSeries, GraphWindow } from './graph-series.ts'
import { drawLines, type LinesPlace, strokeLength } from './draw-lines.ts'
import { drawTimeAxis, drawValueAxis, drawValueGrid, type PlotBox } from './draw-axes.ts'
import { type Legend, layOutLegend, type LegendEntry } from './legend.ts'
import { drawPicture, drawTitle, titleHeight, writeText } from './picture.ts'
import { type PlannedLine, planLines, valueRange } from './plan-lines.ts'
import { textWidth } from './text-width.ts'
import { createTimeAxis, type TimeAxis } from './time-axis.ts'
import { createValueScale, type ValueScale } from './value-scale.ts'

/** Less than this of a side, and what stands around the lines goes. */
const SMALLEST_PLOT = 24
const LEGEND_SHARE = 0.45

/**
 * Lines over time, as SVG:
 *
 *     title
 *   v |        .--.
 *   t |   .---'    '      plot, between the axes
 *   i +--------------
 *     12:00     13:00
 *     [] legend
 */
export function drawLineGraph(
  series: readonly GraphSeries[],
  options: GraphOptions,
  window: GraphWindow,
): string {
  const bounds = timeBounds(series, options, window)
  const layout = layOutCoarsely(series, options, { ...window, ...bounds })
  const { box, lines, left, right, timeAxis, legend } = layout
  const { line } = options
  const isEmpty = lines.every(({ isEmpty: isLineEmpty }) => isLineEmpty)
  const place = { box, options }
  const parts: string[] = []
  if (!options.isGraphOnly) parts.push(drawTitle(options))
  if (!line.isGridHidden) parts.push(drawValueGrid(left ?? right, place))
  parts.push(drawTimeAxis(timeAxis, { ...place, ...bounds, zoneName: window.timeZone.name }))
  parts.push(drawLines(lines, { box, left, right, ...bounds, connectedLimit: line.connectedLimit }))
  // Without a value the numbers of an axis would mean nothing.
  if (!isEmpty && !line.isValueAxisHidden) {
    if (left !== undefined)
      parts.push(drawValueAxis(left, line.left.label, line.isValueAxisOnRight ? 'right' : 'left', place))
    if (right !== undefined) parts.push(drawValueAxis(right, line.right.label, 'right', place))
  }
  if (isEmpty) parts.push(drawNoData(box, options))
  if (legend !== undefined)
    parts.push(legend.draw(layout.legendLeft, options.height - options.margin - legend.height))
  return drawPicture(options, parts.join(''))
}

interface Bounds {
  readonly startSeconds: number
  readonly endSeconds: number
}

/** The range that was asked for, as far as there are series. */
function timeBounds(series: readonly GraphSeries[], { line }: GraphOptions, window: GraphWindow): Bounds {
  const starts = series.map((one) => one.startSeconds)
  const ends = series.map((one) => one.startSeconds + one.values.length * one.stepSeconds)
  const first = starts.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY)
  const last = ends.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY)
  const longestStep = series.reduce((most, one) => Math.max(most, one.stepSeconds), 0)
  // The first point lies up to a step after the beginning.
  const isWhole = first - window.fromSeconds <= longestStep || first >= window.untilSeconds
  const startSeconds = isWhole ? window.fromSeconds : first
  // A step lasts until the next point would come.
  const isOpenEnded = line.mode === 'staircase' && last > startSeconds
  const until = isOpenEnded ? last : Math.min(window.untilSeconds, last)
  return {
    startSeconds,
    endSeconds: until > startSeconds ? until : Math.max(window.untilSeconds, startSeconds + 1),
  }
}

interface Layout {
  readonly box: PlotBox
  readonly lines: readonly PlannedLine[]
  readonly left: ValueScale | undefined
  readonly right: ValueScale | undefined
  readonly timeAxis: TimeAxis
  readonly legend: Legend | undefined
  readonly legendLeft: number
}

/** Nobody can interrupt what paints: lines that go up and down without an end have fewer points, until they can be painted. */
const MOST_STROKES = 10_000_000
const MOST_LOOKS = 12

function layOutCoarsely(
  series: readonly GraphSeries[],
  options: GraphOptions,
  window: GraphWindow & Bounds,
): Layout {
  const { startSeconds, endSeconds } = window
  const { connectedLimit } = options.line
  let layout = layOut(series, options, window)
  let { minXStep } = options.line
  for (let look = 0; look < MOST_LOOKS; look++) {
    const place: LinesPlace = { ...layout, startSeconds, endSeconds, connectedLimit }
    if (strokeLength(layout.lines, place) <= MOST_STROKES) break
    minXStep *= 2
    layout = layOut(series, { ...options, line: { ...options.line, minXStep } }, window)
  }
  return layout
}

/** How wide labels are follows from the values, which follow from how wide the plot is: it is looked at twice. */
function layOut(series: readonly GraphSeries[], options: GraphOptions, window: GraphWindow & Bounds): Layout {
  const { margin, font, line, width, height } = options
  const { startSeconds, endSeconds, timeZone } = window
  const rangeSeconds = endSeconds - startSeconds
  const top = margin + titleHeight(options) + (line.isValueAxisHidden ? 0 : font.size * 0.5)
  const timeAxisAt = (widthPixels: number): TimeAxis =>
    createTimeAxis({ startSeconds, endSeconds, widthPixels, timeZone, format: line.timeFormat })
  let leftRoom = font.size * 3
  let rightRoom = 0
  let lines: PlannedLine[] = []
  let left: ValueScale | undefined
  let right: ValueScale | undefined
  for (let look = 0; look < 2; look++) {
    const widthPixels = Math.max(1, width - 2 * margin - leftRoom - rightRoom)
    lines = planLines(series, options, { rangeSeconds, widthPixels })
    ;[left, right] = createScales(lines, options)
    const leftWidth = axisRoom(left, line.left.label, options)
    ;[leftRoom, rightRoom] = line.isValueAxisOnRight ? [0, leftWidth] : [leftWidth, 0]
    rightRoom += axisRoom(right, line.right.label, options)
  }

  const legendHeight = height - top - 2 * margin
  // Below the plot, where all names fit there; otherwise from the very left.
  const underPlot = layLegend(lines, options, { width: width - 2 * margin - leftRoom, height: legendHeight })
  const legend =
    underPlot?.isCut === false
      ? underPlot
      : layLegend(lines, options, { width: width - 2 * margin, height: legendHeight })
  const dayLine = timeAxisAt(width).labels.some(({ dayText }) => dayText !== undefined)
  const timeRoom = line.isTimeAxisHidden ? 0 : Math.round(font.size * (dayLine ? 3.1 : 1.7))
  const overhang = line.isTimeAxisHidden ? 0 : font.size
  const bottom = height - margin - (legend === undefined ? 0 : legend.height + font.size * 0.6) - timeRoom
  const box = {
    left: Math.round(margin + leftRoom),
    top: Math.round(top),
    right: Math.round(width - margin - Math.max(rightRoom, overhang)),
    bottom: Math.round(bottom),
  }
  if (box.right - box.left >= SMALLEST_PLOT && box.bottom - box.top >= SMALLEST_PLOT)
    return {
      box,
      lines,
      left,
      right,
      legend,
      legendLeft: legend === underPlot ? box.left : margin,
      timeAxis: timeAxisAt(box.right - box.left),
    }
  const smaller = withLess(options)
  if (smaller !== undefined) return layOut(series, smaller, window)
  const whole = { left: 0, top: 0, right: Math.max(1, width), bottom: Math.max(1, height) }
  return {
    box: whole,
    lines,
    left,
    right,
    legend: undefined,
    legendLeft: 0,
    timeAxis: timeAxisAt(whole.right),
  }
}

/** Where there is no room for everything, the legend goes first, and then all else. */
function withLess(options: GraphOptions): GraphOptions | undefined {
  if (!options.isLegendHidden) return { ...options, isLegendHidden: true }
  if (options.isGraphOnly) return undefined
  const line = { ...options.line, isTimeAxisHidden: true, isValueAxisHidden: true, isGridHidden: true }
  return { ...options, isGraphOnly: true, title: '', margin: 0, line }
}

function createScales(
  lines: readonly PlannedLine[],
  { line }: GraphOptions,
): [left: ValueScale | undefined, right: ValueScale | undefined] {
  const scaleOf = (isOnRight: boolean): ValueScale | undefined => {
    const own = lines.filter((one) => one.isOnRight === isOnRight)
    if (own.length === 0) return undefined
    const { min, max, limit, step } = isOnRight ? line.right : line.left
    const { divisors, unitSystem, logBase, minorLines } = line
    const range = valueRange(own, logBase !== undefined)
    return createValueScale({ range, min, max, limit, step, divisors, unitSystem, logBase, minorLines })
  }
  return [scaleOf(false), scaleOf(true)]
}

function axisRoom(scale: ValueScale | undefined, label: string, { font, line }: GraphOptions): number {
  if (scale === undefined || line.isValueAxisHidden) return 0
  const widest = scale.ticks.reduce(
    (most, tick) => Math.max(most, textWidth(tick.label, font.size, font.isBold)),
    0,
  )
  return widest + font.size * 0.8 + (label === '' ? 0 : font.size * 1.7)
}

function layLegend(
  lines: readonly PlannedLine[],
  options: GraphOptions,
  { width, height }: { readonly width: number; readonly height: number },
): Legend | undefined {
  if (options.isLegendHidden) return undefined
  const { font, theme } = options
  const seen = new Set<string>()
  const entries = lines
    .filter(({ name, isInvisible, isEmpty }) => {
      if (isInvisible || (isEmpty && options.isNullHiddenFromLegend)) return false
      const isRepeated = options.isLegendUnique && seen.has(name)
      seen.add(name)
      return !isRepeated
    })
    .map(({ name, color, dashed, area, lineWidth, isOnRight }): LegendEntry => {
      const opacity = area === undefined ? color.opacity : lineWidth === 0 ? Math.max(area.opacity, 0.4) : 1
      return {
        name: isOnRight ? `${name} (right)` : name,
        color: { hex: color.hex, opacity },
        dashed,
        isArea: area !== undefined,
      }
    })
  const room = { width, height: height * LEGEND_SHARE }
  return layOutLegend(entries, { ...room, fontSize: font.size, isBold: font.isBold, ink: theme.softInk })
}

function drawNoData(box: PlotBox, options: GraphOptions): string {
  const width = box.right - box.left
  const size = Math.max(options.font.size * 1.2, Math.min(18, width / 14, (box.bottom - box.top) / 4))
  return writeText('No data', options, {
    x: (box.left + box.right) / 2,
    y: (box.top + box.bottom) / 2 + size * 0.36,
    size,
    anchor: 'middle',
    maxWidth: width,
  })
}
