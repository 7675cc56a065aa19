import { type Color, parseColor } from './color.ts'
import { consolidateColumns } from './consolidate-columns.ts'
import type { AxisOptions, GraphOptions } from './graph-options.ts'
import type { GraphSeries } from './graph-series.ts'
import type { LineMode } from './line-path.ts'
import { stableColors } from './palette.ts'
import { requireColor } from './read-graph-options.ts'
import { printable } from './svg-text.ts'
import { stackAreas } from './stack-areas.ts'
import type { ValueRange } from './value-scale.ts'

/** A series and everything about how it looks, but for where on the picture. */
export interface PlannedLine {
  readonly name: string
  /** One value for each column of pixels at most; sums, where it is stacked. */
  readonly series: GraphSeries
  readonly isOnRight: boolean
  readonly color: Color
  /** Pixels; 0: no line is drawn. */
  readonly lineWidth: number
  readonly dashed: number | undefined
  readonly mode: LineMode
  readonly area: PlannedArea | undefined
  readonly isInvisible: boolean
  readonly isInfinite: boolean
  readonly isEmpty: boolean
}

export interface PlannedArea {
  readonly opacity: number
  /** What it reaches down to; undefined, and NaN: the base of the axis. */
  readonly lower: Float64Array | undefined
}

/** Of areas that overlap, of those that lie on each other, and of bands between two lines. */
const AREA_OPACITY = 0.2
const STACK_OPACITY = 0.7
const BAND_OPACITY = 0.3
/** Of all lines together. */
const MOST_POINTS = 400_000

export function planLines(
  all: readonly GraphSeries[],
  options: GraphOptions,
  { rangeSeconds, widthPixels }: { readonly rangeSeconds: number; readonly widthPixels: number },
): PlannedLine[] {
  const { line } = options
  const hasTwoAxes = all.some(({ style }) => style?.isOnSecondYAxis === true)
  const colors = seriesColors(all, options, hasTwoAxes)
  // Of very many lines, less of each is drawn.
  const minXStep = Math.max(line.minXStep, (widthPixels * all.length) / MOST_POINTS)
  const consolidated = all.map((one) => {
    const series = consolidateColumns(one, { rangeSeconds, widthPixels, minXStep })
    return line.isNullDrawnAsZero ? { ...series, values: series.values.map((value) => value || 0) } : series
  })
  const isStackedMode = line.areaMode === 'stacked'
  const stacked = stackAreas(
    consolidated.map((series) => ({
      series,
      isOnRight: series.style?.isOnSecondYAxis === true,
      isStacked:
        series.style?.isDrawnAsInfinite !== true && (isStackedMode || series.style?.isStacked === true),
      isInvisible: series.style?.isInvisible === true,
      isSum: series.style?.isStacked === true,
    })),
  )
  const first = all.findIndex(({ style }) => style?.isInvisible !== true && style?.isDrawnAsInfinite !== true)
  return stacked.map(({ series, lower }, index): PlannedLine => {
    const style = series.style ?? {}
    const isOnRight = style.isOnSecondYAxis === true
    const axis = axisStyle(options, isOnRight, hasTwoAxes)
    const isBand = lower !== undefined && all[index - 1]?.style?.isInvisible === true
    const isFilled =
      lower !== undefined || line.areaMode === 'all' || (line.areaMode === 'first' && index === first)
    const opacity = isBand ? BAND_OPACITY : lower !== undefined ? STACK_OPACITY : AREA_OPACITY
    const isInfinite = style.isDrawnAsInfinite === true
    const color = colors[index] ?? { hex: options.theme.ink.hex, opacity: 1 }
    const alpha = style.alpha === undefined ? undefined : Math.min(1, Math.max(0, style.alpha))
    const area =
      isFilled && !isInfinite
        ? { opacity: alpha ?? line.areaOpacity ?? opacity * color.opacity, lower }
        : undefined
    return {
      name: printable(series.name),
      series,
      isOnRight,
      color: { ...color, opacity: area === undefined ? (alpha ?? color.opacity) : color.opacity },
      lineWidth: isBand ? 0 : Math.min(100, Math.max(0, style.lineWidth ?? axis?.lineWidth ?? line.width)),
      dashed: dashOf(style.dashed) ?? (axis?.isDashed === true ? 5 : undefined),
      mode: line.mode === 'slope' && series.values.length === 1 ? 'staircase' : line.mode,
      area,
      isInvisible: style.isInvisible === true,
      isInfinite,
      isEmpty: series.values.every((value) => Number.isNaN(value)),
    }
  })
}

/** From the least to the greatest value of lines; with areas also where they end. undefined: there is no value. */
export function valueRange(lines: readonly PlannedLine[], isLogarithmic: boolean): ValueRange | undefined {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { series, isInfinite, isInvisible, area, lineWidth } of lines) {
    if (isInfinite) continue
    for (const value of series.values) {
      if (Number.isNaN(value) || (isLogarithmic && value <= 0)) continue
      if (value < min) min = value
      if (value > max) max = value
    }
    // An area that does not begin at 0 says something wrong; a band has no beginning.
    const isBand = lineWidth === 0 || isInvisible
    if (area !== undefined && !isBand && !isLogarithmic && min <= max) {
      min = Math.min(min, 0)
      max = Math.max(max, 0)
    }
  }
  return min <= max ? { min, max } : undefined
}

function axisStyle({ line }: GraphOptions, isOnRight: boolean, hasTwoAxes: boolean): AxisOptions | undefined {
  if (!hasTwoAxes) return undefined
  return isOnRight ? line.right : line.left
}

/** Dashes that a series wishes for; what is no length is none. */
function dashOf(length: number | undefined): number | undefined {
  return length !== undefined && length > 0 ? Math.min(1_000, Math.max(0.5, length)) : undefined
}

/** What functions ask for, then what the axis has, then the list of the theme, then that of the name. */
export function seriesColors(
  all: readonly GraphSeries[],
  options: GraphOptions,
  hasTwoAxes: boolean,
): Color[] {
  const { theme } = options
  const own = all.map(({ style, name }) => {
    if (style?.color !== undefined && style.color !== '')
      return requireColor(style.color, `Parameter \`target\`: color() of "${name.slice(0, 60)}"`)
    return axisStyle(options, style?.isOnSecondYAxis === true, hasTwoAxes)?.color
  })
  const open = all.filter(({ style }, i) => own[i] === undefined && style?.isInvisible !== true)
  const names = stableColors(
    open.map(({ name }) => name),
    theme.tone,
  )
  let next = 0
  return all.map(({ style }, i) => {
    const asked = own[i]
    if (asked !== undefined) return asked
    if (style?.isInvisible === true) return theme.ink
    const place = next
    next += 1
    const listed = theme.lineColors?.[place % theme.lineColors.length]
    return listed ?? parseColor(names[place] ?? '') ?? theme.ink
  })
}
