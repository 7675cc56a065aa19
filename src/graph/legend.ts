import type { Color } from './color.ts'
import { element, escapeText } from './svg-text.ts'
import { cutText, textWidth } from './text-width.ts'

export interface LegendEntry {
  readonly name: string
  readonly color: Color
  /** Length of a dash, in pixels. */
  readonly dashed: number | undefined
  /** Shown as a square and not as a line. */
  readonly isArea: boolean
}

export interface LegendRoom {
  readonly width: number
  readonly height: number
  readonly fontSize: number
  readonly isBold: boolean
  readonly ink: Color
}

export interface Legend {
  readonly height: number
  /** A name does not stand there as a whole. */
  readonly isCut: boolean
  /** With its top left corner there. */
  draw(x: number, y: number): string
}

const GAP = 18
const LINE_HEIGHT = 1.6
/** A name is looked at no further than this: nothing longer fits. */
const MOST_CHARACTERS = 4_096

/** Names in columns of one width, read from left to right. What does not fit is cut, and counted where whole names do not. */
export function layOutLegend(entries: readonly LegendEntry[], room: LegendRoom): Legend | undefined {
  const { fontSize, isBold, width } = room
  const swatch = fontSize * 1.4
  const textX = swatch + fontSize * 0.5
  const rowHeight = Math.round(fontSize * LINE_HEIGHT)
  const mostRows = Math.floor(room.height / rowHeight)
  if (entries.length === 0 || mostRows < 1 || width < textX + fontSize * 2) return undefined
  const widest = entries.reduce((most, { name }) => {
    return Math.max(most, textWidth(name.slice(0, MOST_CHARACTERS), fontSize, isBold))
  }, 0)
  const columns = Math.min(entries.length, Math.max(1, Math.floor((width + GAP) / (textX + widest + GAP))))
  const columnWidth = Math.ceil(textX + widest + GAP)
  const textRoom = columns === 1 ? width - textX : columnWidth - GAP - textX
  const rows = Math.min(mostRows, Math.ceil(entries.length / columns))
  const hasRoom = rows * columns >= entries.length
  const shown = hasRoom ? entries : entries.slice(0, Math.max(0, rows * columns - 1))
  const more = entries.length - shown.length

  return {
    height: rows * rowHeight,
    isCut: widest > textRoom || more > 0,
    draw(x, y) {
      const text = (index: number, offset: number, name: string): string =>
        element(
          'text',
          {
            x: x + (index % columns) * columnWidth + offset,
            y: y + Math.floor(index / columns) * rowHeight + rowHeight / 2 + fontSize * 0.36,
            fill: room.ink.hex,
          },
          name,
        )
      const items = shown.map((entry, index) => {
        const name = cutText(entry.name, textRoom, fontSize, isBold)
        const left = x + (index % columns) * columnWidth
        const middle = y + Math.floor(index / columns) * rowHeight + rowHeight / 2
        return (
          drawSwatch(entry, { left, middle, width: swatch, fontSize }) + text(index, textX, escapeText(name))
        )
      })
      return (
        items.join('') + (more > 0 ? text(shown.length, 0, `and ${more.toLocaleString('en-US')} more`) : '')
      )
    },
  }
}

interface Place {
  readonly left: number
  readonly middle: number
  readonly width: number
  readonly fontSize: number
}

function drawSwatch(
  { color, dashed, isArea }: LegendEntry,
  { left, middle, width, fontSize }: Place,
): string {
  const opacity = color.opacity < 1 ? color.opacity : undefined
  if (isArea) {
    const side = fontSize
    const place = { x: left + (width - side) / 2, y: middle - side / 2, width: side, height: side, rx: 2 }
    return element('rect', { ...place, fill: color.hex, 'fill-opacity': opacity })
  }
  return element('path', {
    d: `M${left} ${middle}h${width}`,
    stroke: color.hex,
    'stroke-opacity': opacity,
    'stroke-width': 3,
    'stroke-linecap': dashed === undefined ? 'round' : undefined,
    'stroke-dasharray': dashed === undefined ? undefined : '4 3',
  })
}
