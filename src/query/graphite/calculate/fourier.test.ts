import { expect, test } from 'vitest'
import { fourierTransform, inverseFourierTransform } from './fourier.ts'

function signalOf(length: number) {
  const real = Float64Array.from({ length }, (_, index) => Math.sin(index * 1.7) * 5 + (index % 3))
  const imaginary = Float64Array.from({ length }, (_, index) => Math.cos(index * 0.3))
  return { real, imaginary }
}

/** As it is defined. */
function slowTransform({ real, imaginary }: ReturnType<typeof signalOf>) {
  const { length } = real
  const transformed = { real: new Float64Array(length), imaginary: new Float64Array(length) }
  for (let k = 0; k < length; k++) {
    for (let n = 0; n < length; n++) {
      const angle = (-2 * Math.PI * ((k * n) % length)) / length
      const [x, y] = [real[n] as number, imaginary[n] as number]
      transformed.real[k] = (transformed.real[k] as number) + x * Math.cos(angle) - y * Math.sin(angle)
      transformed.imaginary[k] =
        (transformed.imaginary[k] as number) + x * Math.sin(angle) + y * Math.cos(angle)
    }
  }
  return transformed
}

test.each([0, 1, 2, 3, 4, 5, 7, 8, 12, 31, 64, 100, 257])('of %d numbers', (length) => {
  const signal = signalOf(length)
  const wanted = slowTransform(signal)
  const got = fourierTransform(signal)
  const back = inverseFourierTransform(got)
  for (let index = 0; index < length; index++) {
    expect(got.real[index]).toBeCloseTo(wanted.real[index] as number, 8)
    expect(got.imaginary[index]).toBeCloseTo(wanted.imaginary[index] as number, 8)
    expect(back.real[index]).toBeCloseTo(signal.real[index] as number, 10)
    expect(back.imaginary[index]).toBeCloseTo(signal.imaginary[index] as number, 10)
  }
  expect(got.real.length).toBe(length)
})
