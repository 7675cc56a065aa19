/** A row of complex numbers. */
export interface Complex {
  readonly real: Float64Array
  readonly imaginary: Float64Array
}

/** The discrete Fourier transform, of any length, in n log n steps. */
export function fourierTransform(input: Complex): Complex {
  const { length } = input.real
  if (length <= 1) return { real: input.real.slice(), imaginary: input.imaginary.slice() }
  return (length & (length - 1)) === 0 ? transformPowerOfTwo(input) : transformByChirp(input)
}

export function inverseFourierTransform({ real, imaginary }: Complex): Complex {
  const { length } = real
  // With its two parts exchanged, before and after, it is the other way round.
  const transformed = fourierTransform({ real: imaginary, imaginary: real })
  return {
    real: transformed.imaginary.map((value) => value / length),
    imaginary: transformed.real.map((value) => value / length),
  }
}

/** Cooley and Tukey: halves of halves, put together again. */
function transformPowerOfTwo(input: Complex): Complex {
  const { length } = input.real
  const real = new Float64Array(length)
  const imaginary = new Float64Array(length)
  const shift = 32 - Math.log2(length)
  for (let index = 0; index < length; index++) {
    const from = reverseBits(index) >>> shift
    real[index] = input.real[from] as number
    imaginary[index] = input.imaginary[from] as number
  }
  const { cosines, sines } = rootsOfUnity(length)
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half)
    for (let start = 0; start < length; start += 2 * half) {
      for (let index = 0; index < half; index++) {
        const cosine = cosines[index * stride] as number
        const sine = sines[index * stride] as number
        const even = start + index
        const odd = even + half
        const oddReal = (real[odd] as number) * cosine - (imaginary[odd] as number) * sine
        const oddImaginary = (real[odd] as number) * sine + (imaginary[odd] as number) * cosine
        real[odd] = (real[even] as number) - oddReal
        imaginary[odd] = (imaginary[even] as number) - oddImaginary
        real[even] = (real[even] as number) + oddReal
        imaginary[even] = (imaginary[even] as number) + oddImaginary
      }
    }
  }
  return { real, imaginary }
}

/** Bluestein: any length as a convolution, whose length may be a power of two. */
function transformByChirp(input: Complex): Complex {
  const { length } = input.real
  const paddedLength = 2 ** Math.ceil(Math.log2(2 * length - 1))
  const chirp = chirpOf(length)
  const signal = emptyComplex(paddedLength)
  const filter = emptyComplex(paddedLength)
  for (let index = 0; index < length; index++) {
    const cosine = chirp.real[index] as number
    const sine = chirp.imaginary[index] as number
    const real = input.real[index] as number
    const imaginary = input.imaginary[index] as number
    signal.real[index] = real * cosine + imaginary * sine
    signal.imaginary[index] = imaginary * cosine - real * sine
    for (const place of [index, (paddedLength - index) % paddedLength]) {
      filter.real[place] = cosine
      filter.imaginary[place] = sine
    }
  }
  const convolved = inverseFourierTransform(
    multiply(transformPowerOfTwo(signal), transformPowerOfTwo(filter)),
  )
  const output = emptyComplex(length)
  for (let index = 0; index < length; index++) {
    const cosine = chirp.real[index] as number
    const sine = chirp.imaginary[index] as number
    const real = convolved.real[index] as number
    const imaginary = convolved.imaginary[index] as number
    output.real[index] = real * cosine + imaginary * sine
    output.imaginary[index] = imaginary * cosine - real * sine
  }
  return output
}

/** exp(i pi k^2 / n); squares grow beyond what angles are exact for, so they are taken modulo 2 n. */
function chirpOf(length: number): Complex {
  const chirp = emptyComplex(length)
  for (let index = 0, square = 0; index < length; index++) {
    const angle = (Math.PI * square) / length
    chirp.real[index] = Math.cos(angle)
    chirp.imaginary[index] = Math.sin(angle)
    square = (square + 2 * index + 1) % (2 * length)
  }
  return chirp
}

function rootsOfUnity(length: number): { cosines: Float64Array; sines: Float64Array } {
  const cosines = new Float64Array(length / 2)
  const sines = new Float64Array(length / 2)
  for (let index = 0; index < length / 2; index++) {
    const angle = (-2 * Math.PI * index) / length
    cosines[index] = Math.cos(angle)
    sines[index] = Math.sin(angle)
  }
  return { cosines, sines }
}

function multiply(a: Complex, b: Complex): Complex {
  const product = emptyComplex(a.real.length)
  for (let index = 0; index < a.real.length; index++) {
    const [realA, imaginaryA] = [a.real[index] as number, a.imaginary[index] as number]
    const [realB, imaginaryB] = [b.real[index] as number, b.imaginary[index] as number]
    product.real[index] = realA * realB - imaginaryA * imaginaryB
    product.imaginary[index] = realA * imaginaryB + imaginaryA * realB
  }
  return product
}

function emptyComplex(length: number): Complex {
  return { real: new Float64Array(length), imaginary: new Float64Array(length) }
}

function reverseBits(value: number): number {
  let bits = value
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1)
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2)
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4)
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8)
  return ((bits >>> 16) | (bits << 16)) >>> 0
}
