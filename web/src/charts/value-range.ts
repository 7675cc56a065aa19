/** The value axis for values from `low` to `high`; null: there are none. */
export function valueRange(low: number | null, high: number | null, isZeroBased: boolean): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  if (low === high && low === 0) return [0, 1]
  const headroom = (high - low || Math.abs(high)) * 0.08
  // A line that starts near zero shows its true proportions on zero; one far above would be flat there.
  const standsOnZero = isZeroBased || (low >= 0 && low <= high * 0.6) || (high <= 0 && high >= low * 0.6)
  if (standsOnZero) {
    const top = Math.max(0, high)
    const bottom = Math.min(0, low)
    const margin = (top - bottom) * 0.08
    return [bottom < 0 ? bottom - margin : 0, top > 0 ? top + margin : 0]
  }
  return [low - headroom, high + headroom]
}
