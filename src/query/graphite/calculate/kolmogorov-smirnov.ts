/**
 * How likely it is that two samples are of the same distribution (the p-value of the two-sample Kolmogorov-Smirnov test, by its
 * limit for large samples). Both are sorted, without nulls. NaN: one is empty.
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return Number.NaN
  let indexA = 0
  let indexB = 0
  let distance = 0
  while (indexA < a.length && indexB < b.length) {
    const value = Math.min(a[indexA] as number, b[indexB] as number)
    while (indexA < a.length && a[indexA] === value) indexA++
    while (indexB < b.length && b[indexB] === value) indexB++
    distance = Math.max(distance, Math.abs(indexA / a.length - indexB / b.length))
  }
  return survival(Math.sqrt((a.length * b.length) / (a.length + b.length)) * distance)
}

/** One of two series of terms, whichever needs but a few of them (Numerical Recipes, 6.14). */
function survival(z: number): number {
  if (z === 0) return 1
  if (z >= 1.18) {
    const x = Math.exp(-2 * z * z)
    return 2 * (x - x ** 4 + x ** 9)
  }
  const y = Math.exp(-(Math.PI ** 2) / (8 * z * z))
  return 1 - (Math.sqrt(2 * Math.PI) / z) * (y + y ** 9 + y ** 25 + y ** 49)
}
