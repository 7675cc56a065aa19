/** A part of a whole, in percent, as it is written: the parts of one whole always add up to 100. */
export interface Share {
  readonly name: string
  readonly count: number
  /** With one decimal. */
  readonly percent: number
}

const TENTHS = 1000

/**
 * Each part in tenths of a percent, rounded so that the sum is 100: what is left goes to the parts that lost most by
 * rounding. A part that is there is never written as nothing.
 */
export function sharesOf(parts: readonly { readonly name: string; readonly count: number }[]): Share[] {
  const total = parts.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return parts.map(({ name, count }) => ({ name, count, percent: 0 }))
  const exact = parts.map(({ count }) => (count / total) * TENTHS)
  const tenths = exact.map((value) => (value > 0 ? Math.max(1, Math.floor(value)) : 0))
  let left = TENTHS - tenths.reduce((sum, value) => sum + value, 0)
  const byLoss = exact
    .map((value, index) => ({ index, loss: value - (tenths[index] ?? 0) }))
    .toSorted((a, b) => b.loss - a.loss)
  for (const { index } of byLoss) {
    if (left <= 0) break
    tenths[index] = (tenths[index] ?? 0) + 1
    left--
  }
  // Parts that were rounded up from nearly nothing take from the largest.
  const largest = tenths.indexOf(Math.max(...tenths))
  tenths[largest] = (tenths[largest] ?? 0) + left
  return parts.map(({ name, count }, index) => ({ name, count, percent: (tenths[index] ?? 0) / 10 }))
}
