import { zigzag } from './byte-writer.ts'
import { byteEntropyBits } from './byte-entropy.ts'
import { TOKEN_BITS, TOKEN_COUNT, tokenOf } from './tokens.ts'

/** How a column of integers becomes small numbers that are not negative. Codes are part of the format. */
export const TRANSFORM = {
  /** What each is above the smallest. */
  offset: 0,
  /** What each differs from the one before, zigzag. The first is left out: it is 0. */
  delta: 1,
  /** What each difference is above the smallest difference: for what only rises. */
  deltaOffset: 2,
  /** What each difference differs from the one before, zigzag. */
  doubleDelta: 3,
} as const

const TRANSFORMS = Object.values(TRANSFORM)

export interface Residuals {
  readonly transform: number
  /** The smallest, of the two transforms that count from it. */
  readonly least: number
  /** As many as the column has values, or one less: see `residualCount`. */
  readonly values: Float64Array
  /** They are below 256, and take less as bytes than as tokens. */
  readonly areBytes: boolean
  /** About how many bits they take. */
  readonly bits: number
}

export function residualCount(transform: number, count: number): number {
  return transform === TRANSFORM.offset ? count : count - 1
}

/** What of a long column is tried: so many places, this far apart. */
const TRIED_LENGTH = 256
const TRIED_PLACES = 6

/**
 * The transform that needs the fewest bits, by the entropy of its tokens. The first integer is 0. undefined: none brings
 * them back, as they are too far apart.
 */
export function bestResiduals(integers: Float64Array): Residuals | undefined {
  const isTriedWhole = integers.length <= TRIED_LENGTH * TRIED_PLACES
  const byBits = TRANSFORMS.filter((transform) => residualCount(transform, integers.length) > 0)
    .map((transform) => {
      const residuals = residualsOf(integers, transform)
      const tried = isTriedWhole ? residuals.values : sampleOf(residuals.values)
      return { transform, ...residuals, triedBits: tokenEntropyBits(tried) }
    })
    .sort((a, b) => a.triedBits - b.triedBits)
  for (const { transform, least, values, triedBits } of byBits) {
    const bits = isTriedWhole ? triedBits : tokenEntropyBits(values)
    if (!Number.isFinite(bits)) continue
    const byteBits = areBelow256(values) ? byteEntropyBits(Uint8Array.from(values)) : Number.POSITIVE_INFINITY
    const areBytes = byteBits < bits
    return { transform, least, values, areBytes, bits: areBytes ? byteBits : bits }
  }
  return undefined
}

function areBelow256(values: Float64Array): boolean {
  for (let index = 0; index < values.length; index++) if ((values[index] ?? 0) >= 256) return false
  return true
}

function sampleOf(values: Float64Array): Float64Array {
  const sample = new Float64Array(TRIED_LENGTH * TRIED_PLACES)
  const distance = Math.floor((values.length - TRIED_LENGTH) / (TRIED_PLACES - 1))
  for (let place = 0; place < TRIED_PLACES; place++) {
    const start = place * distance
    sample.set(values.subarray(start, start + TRIED_LENGTH), place * TRIED_LENGTH)
  }
  return sample
}

function residualsOf(integers: Float64Array, transform: number): { least: number; values: Float64Array } {
  const values = new Float64Array(residualCount(transform, integers.length))
  if (transform === TRANSFORM.offset) values.set(integers)
  else {
    let last = integers[0] ?? 0
    for (let index = 0; index < values.length; index++) {
      const integer = integers[index + 1] ?? 0
      values[index] = integer - last
      last = integer
    }
  }
  if (transform === TRANSFORM.offset || transform === TRANSFORM.deltaOffset) {
    let least = Number.POSITIVE_INFINITY
    for (const value of values) if (value < least) least = value
    for (let index = 0; index < values.length; index++) values[index] = (values[index] ?? 0) - least
    return { least, values }
  }
  let last = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    values[index] = zigzag(value - last)
    if (transform === TRANSFORM.doubleDelta) last = value
  }
  return { least: 0, values }
}

/** Undoes a transform: `column` holds the residuals at its beginning, and all integers afterwards. */
export function restoreIntegers(
  column: Float64Array,
  { transform, least }: Pick<Residuals, 'transform' | 'least'>,
): void {
  const count = column.length
  if (transform === TRANSFORM.offset) {
    if (least !== 0) for (let index = 0; index < count; index++) column[index] = (column[index] ?? 0) + least
    return
  }
  let last = 0
  let residual = column[0] ?? 0
  column[0] = 0
  if (transform === TRANSFORM.deltaOffset) {
    for (let index = 1; index < count; index++) {
      last += residual + least
      residual = column[index] ?? 0
      column[index] = last
    }
  } else if (transform === TRANSFORM.delta) {
    for (let index = 1; index < count; index++) {
      last += unzigzag(residual)
      residual = column[index] ?? 0
      column[index] = last
    }
  } else {
    let delta = 0
    for (let index = 1; index < count; index++) {
      delta += unzigzag(residual)
      last += delta
      residual = column[index] ?? 0
      column[index] = last
    }
  }
}

function unzigzag(value: number): number {
  // The short way for what fits a word, which nearly all does.
  if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1)
  const half = Math.floor(value / 2)
  return half * 2 === value ? half : -half - 1
}

const histogram = new Uint32Array(TOKEN_COUNT)

/** Bits that these numbers take if each token takes what its share of all is worth. Infinity: no tokens say them. */
export function tokenEntropyBits(values: Float64Array): number {
  const { length } = values
  let bits = 0
  for (let index = 0; index < length; index++) {
    const value = values[index] ?? 0
    // Beyond 2^53 integers are no longer told apart.
    if (!(value <= 2 ** 53)) {
      histogram.fill(0)
      return Number.POSITIVE_INFINITY
    }
    const token = tokenOf(value)
    histogram[token] = (histogram[token] ?? 0) + 1
    bits += TOKEN_BITS[token] ?? 0
  }
  // Short columns use few tokens, which are looked up; of long ones nearly all are used.
  const isShort = length < TOKEN_COUNT
  const places = isShort ? length : TOKEN_COUNT
  for (let place = 0; place < places; place++) {
    const token = isShort ? tokenOf(values[place] ?? 0) : place
    const count = histogram[token] ?? 0
    if (count > 0) bits -= count * Math.log2(count / length)
    histogram[token] = 0
  }
  return bits
}
