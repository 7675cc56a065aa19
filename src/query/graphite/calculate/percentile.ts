/**
 * The value at a percentile of sorted values without nulls, by Graphite's rule: of n values, the one at rank
 * (percent / 100) x (n + 1), the next one up where that is between two, or in proportion between them.
 */
export function percentileOfSorted(
  sorted: ArrayLike<number>,
  percent: number,
  isInterpolated = false,
  count: number = sorted.length,
): number {
  if (count === 0) return Number.NaN
  const exactRank = (percent / 100) * (count + 1)
  let rank = Math.trunc(exactRank)
  const fraction = exactRank - rank
  if (!isInterpolated) rank += Math.ceil(fraction)
  rank = Math.min(Math.max(rank, 0), count + 1)
  const value = sorted[Math.min(Math.max(rank, 1), count) - 1] ?? Number.NaN
  if (!isInterpolated || rank >= count) return value
  const next = sorted[rank] ?? Number.NaN
  return value + fraction * (next - value)
}
