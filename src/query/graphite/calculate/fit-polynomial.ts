/**
 * The polynomial of a degree that lies closest to values at 0, 1, 2, ... (least squares), at `count` places from 0 on. Nulls are passed
 * over. It is put together from polynomials that are orthogonal over the places of the values (Forsythe), so that no matrix is to be
 * inverted, and high degrees stay exact; of fewer values than the degree needs, it is of a lower degree.
 */
export function fitPolynomial(values: Float64Array, degree: number, count: number): Float64Array {
  // Between -1 and 1 the polynomials neither grow nor vanish.
  const scale = 2 / Math.max(1, values.length - 1)
  const length = Math.max(values.length, count)
  const places = Float64Array.from({ length }, (_, index) => index * scale - 1)
  let before = new Float64Array(length)
  let current = new Float64Array(length).fill(1)
  let normBefore = 1
  const fitted = new Float64Array(length)
  const isPresent = (index: number): boolean => index < values.length && !Number.isNaN(values[index])
  const presentCount = values.reduce((most, value) => (Number.isNaN(value) ? most : most + 1), 0)
  for (let k = 0; k <= Math.min(degree, presentCount - 1); k++) {
    let norm = 0
    let along = 0
    let middle = 0
    for (let index = 0; index < values.length; index++) {
      if (!isPresent(index)) continue
      const p = current[index] as number
      norm += p * p
      along += p * ((values[index] as number) - (fitted[index] as number))
      middle += p * p * (places[index] as number)
    }
    for (let index = 0; index < length; index++) {
      fitted[index] = (fitted[index] as number) + (along / norm) * (current[index] as number)
    }
    const ratio = k === 0 ? 0 : norm / normBefore
    const next = current.map(
      (p, index) => ((places[index] as number) - middle / norm) * p - ratio * (before[index] as number),
    )
    before = current
    current = next
    normBefore = norm
  }
  return fitted.subarray(0, count)
}
