/**
 * A metric has one colour, everywhere and for ever: it follows from the name. The six keep their distance
 * for people with protanopia and deuteranopia too (palette.test.ts simulates both), and each has at least 3:1
 * against the card it is drawn on.
 */
export interface SeriesColor {
  readonly light: string
  readonly dark: string
}

export const PALETTE: readonly SeriesColor[] = [
  { light: '#4162df', dark: '#6e91fd' },
  { light: '#c64800', dark: '#ed926c' },
  { light: '#22918f', dark: '#56e3c4' },
  { light: '#a71558', dark: '#cb7196' },
  { light: '#6b37a0', dark: '#c5a6eb' },
  { light: '#779840', dark: '#b9dd54' },
]

export function colorOf(name: string): SeriesColor {
  const color = PALETTE[colorIndexOf(name)]
  if (color === undefined) throw new Error('BUG: the palette is empty')
  return color
}

export function colorIndexOf(name: string): number {
  return hashText(name) % PALETTE.length
}

/** FNV-1a over UTF-16 units, mixed at the end so that names differing in the last character spread. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
