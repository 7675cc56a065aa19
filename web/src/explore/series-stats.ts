/** What the table says of a series; null: it has no value. */
export interface SeriesStats {
  readonly min: number | null
  readonly avg: number | null
  readonly max: number | null
  readonly last: number | null
}

export const NO_STATS: SeriesStats = { min: null, avg: null, max: null, last: null }

/** null and NaN are no values. */
export function statsOf(values: Iterable<number | null>): SeriesStats {
  let count = 0
  let mean = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let last: number | null = null
  for (const value of values) {
    if (value === null || Number.isNaN(value)) continue
    count++
    mean += (value - mean) / count
    min = Math.min(min, value)
    max = Math.max(max, value)
    last = value
  }
  return count === 0 ? NO_STATS : { min, avg: mean, max, last }
}
