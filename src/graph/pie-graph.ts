import { type Color, luminance } from './color.ts'
import { consolidate } from './consolidate-columns.ts'
import type { GraphOptions } from './graph-options.ts'
import type { GraphSeries } from './graph-series.ts'
import { layOutLegend } from './legend.ts'
import { drawPicture, drawTitle, titleHeight, writeText } from './picture.ts'
import { seriesColors } from './plan-lines.ts'
import { element, printable, px } from './svg-text.ts'
import { textWidth } from './text-width.ts'
import { labelValue } from './value-label.ts'

/** Shares of a whole: one slice for each series with a value above 0, from the top on, with the clock. */
export function drawPieGraph(series: readonly GraphSeries[], options: GraphOptions): string {
  const { margin, width, height, font, theme, pie } = options
  const colors = seriesColors(series, options, false)
  const slices = series
    .map((one, i) => ({
      name: printable(one.name),
      value: sizeOf(one, options),
      color: colors[i] ?? theme.ink,
    }))
    .filter(({ value }) => value > 0)
  const largest = slices.reduce((most, { value }) => Math.max(most, value), 0)
  // Divided first, so that no sum is too large for a number.
  const total = slices.reduce((sum, { value }) => sum + value / largest, 0)
  const top = margin + titleHeight(options)
  const legend = options.isLegendHidden
    ? undefined
    : layOutLegend(
        slices.map(({ name, value, color }) => ({
          name: `${name}: ${labelValue(value, 'si')}`,
          color,
          dashed: undefined,
          isArea: true,
        })),
        {
          width: width - 2 * margin,
          height: (height - top - margin) * 0.5,
          fontSize: font.size,
          isBold: font.isBold,
          ink: theme.softInk,
        },
      )
  const bottom = height - margin - (legend === undefined ? 0 : legend.height + font.size)
  const center = { x: width / 2, y: (top + bottom) / 2 }
  const radius = Math.max(1, Math.min(width - 2 * margin, bottom - top) / 2 - 2)
  let drawn = drawTitle(options)
  let turned = 0
  let labels = ''
  for (const { value, color } of slices) {
    const share = value / largest / total
    drawn += drawSlice(color, {
      center,
      radius,
      turned,
      share,
      gap: slices.length > 1 ? theme.background : undefined,
    })
    if (pie.valueLabels !== 'none' && share * 100 >= pie.leastLabelledPercent) {
      const percent = share * 100
      const text =
        pie.valueLabels === 'number' ? labelValue(value, 'si') : `${percent.toFixed(percent < 10 ? 1 : 0)} %`
      labels += drawLabel(text, color, { center, radius, turned, share }, options)
    }
    turned += share
  }
  if (slices.length === 0)
    drawn += writeText('No data', options, {
      ...center,
      anchor: 'middle',
      size: font.size * 1.4,
      maxWidth: width,
    })
  drawn += labels
  if (legend !== undefined) drawn += legend.draw(margin, height - margin - legend.height)
  return drawPicture(options, drawn)
}

function sizeOf({ values }: GraphSeries, { pie }: GraphOptions): number {
  const rule = ({ average: 'average', total: 'sum', maximum: 'max', minimum: 'min' } as const)[pie.mode]
  const size = consolidate(values, 0, values.length, rule)
  return Number.isFinite(size) ? size : 0
}

interface SlicePlace {
  readonly center: { readonly x: number; readonly y: number }
  readonly radius: number
  /** Shares of the whole turn. */
  readonly turned: number
  readonly share: number
}

function drawSlice(
  color: Color,
  { center, radius, turned, share, gap }: SlicePlace & { readonly gap: Color | undefined },
): string {
  const look = { fill: color.hex, 'fill-opacity': color.opacity < 1 ? color.opacity : undefined }
  if (share > 0.999_999) return element('circle', { cx: center.x, cy: center.y, r: radius, ...look })
  const start = pointAt(center, radius, turned)
  const end = pointAt(center, radius, turned + share)
  const arc = `A${px(radius)} ${px(radius)} 0 ${share > 0.5 ? 1 : 0} 1 ${px(end.x)} ${px(end.y)}`
  const d = `M${px(center.x)} ${px(center.y)}L${px(start.x)} ${px(start.y)}${arc}Z`
  const isSeen = gap !== undefined && gap.opacity > 0
  return element('path', {
    d,
    ...look,
    stroke: isSeen ? gap.hex : undefined,
    'stroke-width': isSeen ? 1.5 : undefined,
    'stroke-linejoin': 'round',
  })
}

/** In the middle of the slice, towards its edge, and black or white as it shows on its colour; not where it would stick out. */
function drawLabel(text: string, color: Color, place: SlicePlace, options: GraphOptions): string {
  const { font, pie } = options
  const { radius, center, turned, share } = place
  const size = font.size
  const width = textWidth(text, size, font.isBold)
  const distance = share > 0.999_999 ? 0 : radius * 0.66
  const isRotated = pie.labels === 'rotated'
  const room = share > 0.5 ? radius * 2 : 2 * distance * Math.sin(Math.PI * share)
  if ((isRotated ? size * 1.2 : Math.min(width, size * 2.2)) > room || width > radius * 1.3) return ''
  const middle = turned + share / 2
  const { x, y } = pointAt(center, distance, middle)
  const ink = luminance(color.hex) > 0.35 ? '#14171c' : '#ffffff'
  const degrees = middle * 360 - 90
  return writeText(text, options, {
    x: Number(px(x)),
    y: Number(px(y + (isRotated ? 0 : size * 0.36))),
    anchor: 'middle',
    color: pie.valueLabelsColor ?? { hex: ink, opacity: 1 },
    // Never upside down.
    ...(isRotated ? { rotation: Number(px(degrees > 90 ? degrees - 180 : degrees)) } : {}),
  })
}

function pointAt({ x, y }: SlicePlace['center'], radius: number, share: number): { x: number; y: number } {
  const angle = (share - 0.25) * 2 * Math.PI
  return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) }
}
