/** A colour with its opacity: 0 is transparent. */
export interface Color {
  /** `#rrggbb`. */
  readonly hex: string
  readonly opacity: number
}

/** Names as Graphite has them, and its `RRGGBB` and `RRGGBBAA` with or without `#`. undefined: it is no colour. */
export function parseColor(text: string): Color | undefined {
  const name = text.trim().toLowerCase()
  const alias = ALIASES.get(name)
  if (alias !== undefined) return { hex: alias, opacity: 1 }
  if (name === 'transparent') return { hex: '#ffffff', opacity: 0 }
  const digits = /^#?([0-9a-f]{6})([0-9a-f]{2})?$/.exec(name)
  if (digits === null) return undefined
  const [, rgb = '', alpha] = digits
  return { hex: `#${rgb}`, opacity: alpha === undefined ? 1 : Number.parseInt(alpha, 16) / 255 }
}

/** Relative luminance as WCAG defines it: 0 is black, 1 is white. */
export function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((channel) => {
    const value = channel / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** `share` of the other colour in this one. */
export function mixColors(hex: string, other: string, share: number): string {
  const others = channels(other)
  return toHex(channels(hex).map((channel, i) => channel + ((others[i] ?? 0) - channel) * share))
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

function toHex(values: readonly number[]): string {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`
}

const ALIASES: ReadonlyMap<string, string> = new Map(
  (
    [
      ['white', [255, 255, 255]],
      ['black', [0, 0, 0]],
      ['blue', [100, 100, 255]],
      ['green', [0, 200, 0]],
      ['red', [200, 0, 50]],
      ['yellow', [255, 255, 0]],
      ['orange', [255, 165, 0]],
      ['purple', [200, 100, 255]],
      ['brown', [150, 100, 50]],
      ['cyan', [0, 255, 255]],
      ['aqua', [0, 150, 150]],
      ['gray', [175, 175, 175]],
      ['grey', [175, 175, 175]],
      ['magenta', [255, 0, 255]],
      ['pink', [255, 100, 100]],
      ['gold', [200, 200, 0]],
      ['rose', [200, 150, 200]],
      ['mistyrose', [255, 228, 225]],
      ['darkblue', [0, 0, 255]],
      ['darkgreen', [0, 255, 0]],
      ['darkred', [255, 0, 0]],
      ['darkgray', [111, 111, 111]],
      ['darkgrey', [111, 111, 111]],
    ] as const
  ).map(([name, rgb]) => [name, toHex(rgb)]),
)
