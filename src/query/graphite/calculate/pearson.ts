/** How much two rows of numbers go together, from -1 to 1; pairs of which one is null do not count. NaN: it cannot be said. */
export function pearsonCorrelation(a: Float64Array, b: Float64Array): number {
  let count = 0
  let sumA = 0
  let sumB = 0
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index] as number, b[index] as number]
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    count++
    sumA += x
    sumB += y
  }
  const meanA = sumA / count
  const meanB = sumB / count
  let both = 0
  let squaresA = 0
  let squaresB = 0
  for (let index = 0; index < a.length; index++) {
    const x = (a[index] as number) - meanA
    const y = (b[index] as number) - meanB
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    both += x * y
    squaresA += x * x
    squaresB += y * y
  }
  return both / (Math.sqrt(squaresA) * Math.sqrt(squaresB))
}
