/**
 * How much room text takes, in DejaVu Sans. Exact for ASCII; what is wider than most of its script may be a little off.
 * Other fonts that a viewer of SVG may have instead are narrower, or as wide.
 */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let hundredths = 0
  for (const character of text) hundredths += characterWidth(character.codePointAt(0) ?? 0)
  return (hundredths / 100) * fontSize * (isBold ? BOLD_SHARE : 1)
}

/**
 * The text, or as much of its beginning and end as fits, with `…` between: what differs in names of metrics stands at either end.
 * A name of any length costs no more than what is shown of it.
 */
export function cutText(text: string, maxWidth: number, fontSize: number, isBold = false): string {
  const mostCharacters = Math.ceil(maxWidth / (NARROWEST * fontSize)) + 1
  if (text.length <= mostCharacters && textWidth(text, fontSize, isBold) <= maxWidth) return text
  const start = graphemes(text.slice(0, mostCharacters))
  const end = graphemes(text.slice(-mostCharacters))
  const room = maxWidth - textWidth(ELLIPSIS, fontSize, isBold)
  if (room < 0) return ''
  const tail = take(end.reverse(), room * END_SHARE)
  const head = take(start, room - tail.width)
  if (head.pieces.length === 0) return ELLIPSIS
  return head.pieces.join('') + ELLIPSIS + tail.pieces.reverse().join('')

  function take(pieces: readonly string[], most: number): { pieces: string[]; width: number } {
    const taken: string[] = []
    let width = 0
    for (const piece of pieces) {
      const pieceWidth = textWidth(piece, fontSize, isBold)
      if (width + pieceWidth > most) break
      taken.push(piece)
      width += pieceWidth
    }
    return { pieces: taken, width }
  }
}

const ELLIPSIS = '…'
const END_SHARE = 0.5
const BOLD_SHARE = 1.115
/** Of the characters that have a width at all, in parts of the font's size. */
const NARROWEST = 0.27

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What is seen as one character stays whole. */
function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** Hundredths of the font's size, from the space on. */
// biome-ignore format: a table
const ASCII_WIDTHS = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53,
  100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50,
  50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
]

function characterWidth(codePoint: number): number {
  const ascii = ASCII_WIDTHS[codePoint - 0x20]
  if (ascii !== undefined) return ascii
  if (codePoint < 0x300) return 68
  if (codePoint < 0x370) return 0
  if (codePoint < 0x590) return 75
  if (codePoint < 0x700) return 68
  return codePoint < 0x10000 ? 103 : 115
}
