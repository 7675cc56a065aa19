/**
 * Lows and highs of a series, by the name under which Kymo answers them. Points of long ago are kept rolled up, a gauge's by its last value; its
 * lowest and its highest value are kept beside it, and this asks for them. Of points as they came it is the points.
 */
export type Extreme = 'min' | 'max'

/** Among the keys of series: that of the lows or highs of one. */
export function extremeKey(key: string, extreme: Extreme): string {
  return `consolidateBy(${key},"${extreme}")`
}

/** undefined: it is the key of a series itself. */
export function readExtremeKey(key: string): { readonly key: string; readonly extreme: Extreme } | undefined {
  const match = /^consolidateBy\((?<of>.*),"(?<extreme>min|max)"\)$/s.exec(key)?.groups
  return match && { key: match['of'] as string, extreme: match['extreme'] as Extreme }
}
