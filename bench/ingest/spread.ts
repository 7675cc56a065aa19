/** What several rounds came to. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new Error('BUG: a spread of nothing')
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? max
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? min) : upper
  return { min: rounded(min), median: rounded((lower + upper) / 2), max: rounded(max) }
}

/** The value that a share of all values, such as 0.99, does not exceed. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new Error('BUG: a quantile of nothing')
  return rounded(value)
}

/** Four digits that count; whole numbers stay whole. */
export function rounded(value: number): number {
  return Number.isInteger(value) || Math.abs(value) >= 10_000
    ? Math.round(value)
    : Number(value.toPrecision(4))
}
