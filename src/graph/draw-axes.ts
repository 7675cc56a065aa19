import type { Color } from './color.ts'
import type { GraphOptions } from './graph-options.ts'
import { writeText } from './picture.ts'
import { element, px } from './svg-text.ts'
import { textWidth } from './text-width.ts'
import type { TimeAxis } from './time-axis.ts'
import type { ValueScale } from './value-scale.ts'

/** Where lines are drawn, in pixels of the picture. */
export interface PlotBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface AxisPlace {
  readonly box: PlotBox
  readonly options: GraphOptions
}

/** Lines from side to side. */
export function drawValueGrid(scale: ValueScale | undefined, { box, options: { theme } }: AxisPlace): string {
  if (scale === undefined) return ''
  const rows = (values: readonly number[]): string =>
    values
      .map((value) => heightOf(scale.place(value), box))
      .filter((y) => y >= box.top - 0.5 && y <= box.bottom + 0.5)
      .map((y) => `M${box.left} ${px(crisp(y))}H${box.right}`)
      .join('')
  const minor = theme.minorGrid === undefined ? '' : strokes(rows(scale.minorValues), theme.minorGrid, 0.35)
  return minor + strokes(rows(scale.ticks.map(({ value }) => value)), theme.majorGrid)
}

/** The numbers beside the plot, and what they are of. */
export function drawValueAxis(
  scale: ValueScale,
  label: string,
  side: 'left' | 'right',
  { box, options }: AxisPlace,
): string {
  const { font, theme } = options
  const gap = font.size * 0.6
  const isLeft = side === 'left'
  let above = Number.POSITIVE_INFINITY
  let widest = 0
  let labels = ''
  for (const tick of scale.ticks) {
    const y = heightOf(scale.place(tick.value), box)
    if (y < box.top - 0.5 || y > box.bottom + 0.5 || above - y < font.size * 1.25) continue
    above = y
    widest = Math.max(widest, textWidth(tick.label, font.size, font.isBold))
    const place = { x: isLeft ? box.left - gap : box.right + gap, y: y + font.size * 0.36 }
    labels += writeText(tick.label, options, { ...place, anchor: isLeft ? 'end' : 'start' })
  }
  if (label === '') return labels
  const distance = widest + gap + font.size * 0.7
  const title = writeText(label, options, {
    x: isLeft ? box.left - distance - font.size * 0.1 : box.right + distance + font.size * 0.1,
    y: (box.top + box.bottom) / 2,
    rotation: isLeft ? -90 : 90,
    anchor: 'middle',
    maxWidth: box.bottom - box.top,
    color: theme.ink,
  })
  return labels + title
}

export interface TimeAxisPlace extends AxisPlace {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly zoneName: string
}

/** The line below the plot, lines from top to bottom, times, and below them days. */
export function drawTimeAxis(axis: TimeAxis, place: TimeAxisPlace): string {
  const { box, options } = place
  const { line, theme } = options
  const xOf = (seconds: number): number => timeToX(seconds, place)
  const columns = (times: readonly number[], color: Color, opacity: number): string =>
    strokes(times.map((time) => `M${px(crisp(xOf(time)))} ${box.top}V${box.bottom}`).join(''), color, opacity)
  let drawn = ''
  if (!line.isGridHidden) {
    const majors = new Set(axis.majorSeconds)
    const minors = axis.minorSeconds.filter((time) => !majors.has(time))
    if (theme.minorGrid !== undefined && minors.length < (box.right - box.left) / 3)
      drawn += columns(minors, theme.minorGrid, 0.35)
    drawn += columns(axis.majorSeconds, theme.majorGrid, theme.minorGrid === undefined ? 0.7 : 1)
  }
  if (line.isTimeAxisHidden) return drawn
  const ruler = { ...theme.softInk, opacity: theme.softInk.opacity * 0.5 }
  drawn += strokes(`M${box.left} ${crisp(box.bottom)}H${box.right}`, ruler)
  return drawn + drawTimes(axis, place) + drawDays(axis, place)
}

function drawTimes({ labels }: TimeAxis, place: TimeAxisPlace): string {
  const { box, options } = place
  const { font, theme } = options
  let ticks = ''
  let drawn = ''
  let lastEnd = Number.NEGATIVE_INFINITY
  for (const { seconds, text } of labels) {
    const x = timeToX(seconds, place)
    const half = textWidth(text, font.size, font.isBold) / 2
    // One that the edge of the picture, or the one before, leaves no room is left out.
    if (x - half < lastEnd + font.size * 0.8 || x - half < 1 || x + half > options.width - 1) continue
    lastEnd = x + half
    ticks += `M${px(crisp(x))} ${box.bottom}v4`
    drawn += writeText(text, options, { x, y: box.bottom + 4 + font.size * 1.1, anchor: 'middle' })
  }
  return strokes(ticks, { ...theme.softInk, opacity: theme.softInk.opacity * 0.5 }) + drawn
}

/** Each day where it begins; the first, which mostly began before, where the plot does. The zone stands at the other end. */
function drawDays({ labels }: TimeAxis, place: TimeAxisPlace): string {
  const { box, options, startSeconds } = place
  const { font } = options
  const days = labels.filter(({ dayText }) => dayText !== undefined)
  if (days.length === 0) return ''
  const y = box.bottom + 4 + font.size * 2.45
  const widthOf = (text: string): number => textWidth(text, font.size, font.isBold)
  const zone = place.zoneName
  let drawn = ''
  let end = Number.POSITIVE_INFINITY
  let zoneStart = box.right - widthOf(zone)
  // From the last day on: where there is no room, it is the first that matters least.
  for (const [i, { seconds, dayText = '' }] of [...days.entries()].reverse()) {
    const width = widthOf(dayText)
    const isBegun = i === 0 && seconds - startSeconds < DAY_SECONDS && days.length > 1
    const center = timeToX(seconds, place)
    const x =
      i === 0 && (isBegun || days.length === 1) ? box.left : Math.min(center - width / 2, box.right - width)
    if (x + width + font.size > end || x < 1) continue
    if (x + width > options.width - 1) continue
    end = x
    if (x + width + font.size > zoneStart) zoneStart = Number.NaN
    drawn = writeText(dayText, options, { x, y }) + drawn
  }
  if (!Number.isNaN(zoneStart) && zone !== '')
    drawn += writeText(zone, options, { x: box.right, y, anchor: 'end' })
  return drawn
}

const DAY_SECONDS = 86_400

export function timeToX(
  seconds: number,
  { box, startSeconds, endSeconds }: Pick<TimeAxisPlace, 'box' | 'startSeconds' | 'endSeconds'>,
): number {
  return box.left + ((seconds - startSeconds) / (endSeconds - startSeconds)) * (box.right - box.left)
}

export function heightOf(share: number, { top, bottom }: PlotBox): number {
  return bottom - share * (bottom - top)
}

/** A line of one pixel covers one row of pixels, and not half of two. */
function crisp(position: number): number {
  return Math.floor(position) + 0.5
}

function strokes(d: string, color: Color, opacity = 1): string {
  if (d === '') return ''
  const strokeOpacity = color.opacity * opacity
  return element('path', {
    d,
    stroke: color.hex,
    'stroke-opacity': strokeOpacity < 1 ? strokeOpacity : undefined,
  })
}
