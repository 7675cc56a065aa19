import { mixColors } from './color.ts'

/**
 * The colours of series that ask for none: those of the page, so that a metric looks the same in an image. They keep their
 * distance for people with protanopia and deuteranopia too.
 */
export const PALETTE = {
  light: ['#4162df', '#c64800', '#22918f', '#a71558', '#6b37a0', '#779840'],
  dark: ['#6e91fd', '#ed926c', '#56e3c4', '#cb7196', '#c5a6eb', '#b9dd54'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/**
 * One colour for each name, which follows from the name alone as long as the graph has room for it: of two names that
 * would share one, the later takes the next that is free. When all are taken they begin again, darker (on dark, paler).
 */
export function stableColors(names: readonly string[], tone: keyof typeof PALETTE): string[] {
  const colors = PALETTE[tone]
  const taken = new Set<number>()
  return names.map((name, index) => {
    const round = Math.floor(index / colors.length)
    if (index % colors.length === 0) taken.clear()
    let place = hashText(name) % colors.length
    while (taken.has(place)) place = (place + 1) % colors.length
    taken.add(place)
    const color = colors[place] ?? colors[0]
    return round % 2 === 0 ? color : mixColors(color, tone === 'light' ? '#000000' : '#ffffff', 0.45)
  })
}

/** FNV-1a over UTF-16 units, mixed at the end so that names differing in the last character spread. As the page has it. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}
