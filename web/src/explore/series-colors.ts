import { colorIndexOf, PALETTE, type SeriesColor } from '../palette.ts'

export interface DrawnColor extends SeriesColor {
  /** Colours are fewer than series may be: what shares one with an earlier series is dashed. */
  readonly isDashed: boolean
}

/** Each series has the colour of its name, unless another on the same chart has it already: then the next that is free. */
export function colorsOf(names: readonly string[]): DrawnColor[] {
  const uses = PALETTE.map(() => 0)
  return names.map((name) => {
    const own = colorIndexOf(name)
    const least = Math.min(...uses)
    let index = own
    while ((uses[index] ?? 0) > least) index = (index + 1) % PALETTE.length
    uses[index] = (uses[index] ?? 0) + 1
    const color = PALETTE[index]
    if (color === undefined) throw new Error('BUG: the palette is empty')
    return { ...color, isDashed: least > 0 }
  })
}
