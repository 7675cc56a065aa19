import type { Color } from './color.ts'
import type { GraphOptions } from './graph-options.ts'
import { element, escapeText } from './svg-text.ts'
import { cutText } from './text-width.ts'

const TITLE_SIZE = 1.3

/** The whole document, around what is drawn. */
export function drawPicture(options: GraphOptions, content: string): string {
  const { width, height, theme, font, title } = options
  const background =
    theme.background.opacity === 0
      ? ''
      : element('rect', {
          width,
          height,
          fill: theme.background.hex,
          'fill-opacity': partOf(theme.background),
        })
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': font.family,
      'font-size': font.size,
      'font-weight': font.isBold ? 'bold' : undefined,
      'font-style': font.isItalic ? 'italic' : undefined,
      fill: 'none',
      role: 'img',
      'aria-label': cutText(title === '' ? 'Graph' : title, 1_000, 10),
    },
    background + content,
  )
}

/** For an attribute of opacity, which whoever is opaque does without. */
export function partOf({ opacity }: Color): number | undefined {
  return opacity < 1 ? opacity : undefined
}

export function titleHeight({ title, font }: GraphOptions): number {
  return title === '' ? 0 : Math.round(font.size * TITLE_SIZE * 1.7)
}

export function drawTitle(options: GraphOptions): string {
  const { title, font, theme, width, margin } = options
  if (title === '') return ''
  const size = font.size * TITLE_SIZE
  const shown = cutText(title, width - 2 * margin, size, true)
  const place = {
    x: width / 2,
    y: margin + size,
    'text-anchor': 'middle',
    'font-size': size,
    'font-weight': 'bold',
  }
  return element(
    'text',
    { ...place, fill: theme.ink.hex, 'fill-opacity': partOf(theme.ink) },
    escapeText(shown),
  )
}

export interface TextPlace {
  readonly x: number
  /** Of the base line. */
  readonly y: number
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly maxWidth?: number
  /** Turned around its place, in degrees. */
  readonly rotation?: number
  readonly color?: Color
}

/** A line of text in the ink of labels, cut to what it may take. */
export function writeText(text: string, { font, theme }: GraphOptions, place: TextPlace): string {
  const { x, y, anchor = 'start', size = font.size, maxWidth, rotation, color = theme.softInk } = place
  return element(
    'text',
    {
      x,
      y,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      'font-size': size === font.size ? undefined : size,
      transform: rotation === undefined ? undefined : `rotate(${rotation} ${x} ${y})`,
      fill: color.hex,
      'fill-opacity': partOf(color),
    },
    escapeText(maxWidth === undefined ? text : cutText(text, maxWidth, size, font.isBold)),
  )
}
