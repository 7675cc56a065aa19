/** NaN, which is null, where a factor is, and where the result is not a real number or too large for one. */
export function power(base: number, exponent: number): number {
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN
  const result = base ** exponent
  if (Number.isFinite(result)) return result
  return Number.isFinite(base) && Number.isFinite(exponent) ? Number.NaN : result
}

/** NaN where either is, and where the divisor is 0. */
export function divide(dividend: number, divisor: number): number {
  return divisor === 0 ? Number.NaN : dividend / divisor
}
