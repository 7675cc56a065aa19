import { zigzag } from './byte-writer.ts'
import { byteEntropyBits, takeEntropyBits } from './byte-entropy.ts'
import { scratch } from './scratch.ts'
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
  /** As they are written: a token each, or each as a byte. */
  readonly codes: Uint8Array
  /** Bits behind the tokens. */
  readonly tokenBits: number
  /** They are below 256, and take less as bytes than as tokens. */
  readonly areBytes: boolean
  /** About how many bits they take. */
  readonly bits: number
}

export function residualCount(transform: number, count: number): number {
  return transform === TRANSFORM.offset ? count : count - 1
}

/** What of a long column is tried: so many places, evenly apart, of so many values each. */
const TRIED_PLACES = 3
const TRIED_LENGTH = 32
/** Beyond 2^53 integers are no longer told apart. */
const LARGEST_RESIDUAL = 2 ** 53

/**
 * The transform that needs the fewest bits, by the entropy of its tokens. The first integer is 0. undefined: none brings
 * them back, as they are too far apart.
 */
export function bestResiduals(integers: Float64Array): Residuals | undefined {
  const span = spanOf(integers)
  for (const transform of byTriedBits(integers, span)) {
    const residuals = residualsOf(integers, transform, span)
    if (residuals !== undefined) return residuals
  }
  return undefined
}

interface Span {
  readonly least: number
  readonly leastDelta: number
}

function spanOf(integers: Float64Array): Span {
  let last = integers[0] ?? 0
  let least = last
  let leastDelta = integers.length > 1 ? Number.POSITIVE_INFINITY : 0
  for (let index = 1; index < integers.length; index++) {
    const integer = integers[index] ?? 0
    const delta = integer - last
    last = integer
    if (integer < least) least = integer
    if (delta < leastDelta) leastDelta = delta
  }
  return { least, leastDelta }
}

const tallies = TRANSFORMS.map(() => new Uint32Array(TOKEN_COUNT))

/** All transforms, the one first that makes least of some places of the column. */
function byTriedBits(integers: Float64Array, { least, leastDelta }: Span): number[] {
  const { length } = integers
  if (length < 2) return [TRANSFORM.offset]
  const [offsets, deltas, deltaOffsets, doubleDeltas] = tallies as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const places = length <= TRIED_PLACES * TRIED_LENGTH ? 1 : TRIED_PLACES
  const triedLength = places === 1 ? length : TRIED_LENGTH
  const distance = places === 1 ? 0 : Math.floor((length - triedLength) / (places - 1))
  let [offsetBits, deltaBits, deltaOffsetBits, doubleDeltaBits] = [0, 0, 0, 0]
  // No token is more than all their bits together.
  let [offsetMost, deltaMost, deltaOffsetMost, doubleDeltaMost] = [0, 0, 0, 0]
  let count = 0
  for (let place = 0; place < places; place++) {
    const start = place * distance
    let last = integers[start] ?? 0
    // The first difference of a place has none before it: that it is 0 is as good a guess as any.
    let lastDelta = 0
    for (let index = start + 1; index < start + triedLength; index++) {
      const integer = integers[index] ?? 0
      const delta = integer - last
      const offsetToken = tokenOf(integer - least)
      const deltaToken = tokenOf(zigzag(delta))
      const deltaOffsetToken = tokenOf(delta - leastDelta)
      const doubleDeltaToken = tokenOf(zigzag(delta - lastDelta))
      last = integer
      lastDelta = delta
      offsets[offsetToken]!++
      deltas[deltaToken]!++
      deltaOffsets[deltaOffsetToken]!++
      doubleDeltas[doubleDeltaToken]!++
      offsetMost |= offsetToken
      deltaMost |= deltaToken
      deltaOffsetMost |= deltaOffsetToken
      doubleDeltaMost |= doubleDeltaToken
      offsetBits += TOKEN_BITS[offsetToken] ?? 0
      deltaBits += TOKEN_BITS[deltaToken] ?? 0
      deltaOffsetBits += TOKEN_BITS[deltaOffsetToken] ?? 0
      doubleDeltaBits += TOKEN_BITS[doubleDeltaToken] ?? 0
      count++
    }
  }
  const bits = [
    offsetBits + takeEntropyBits(offsets, count, offsetMost),
    deltaBits + takeEntropyBits(deltas, count, deltaMost),
    deltaOffsetBits + takeEntropyBits(deltaOffsets, count, deltaOffsetMost),
    doubleDeltaBits + takeEntropyBits(doubleDeltas, count, doubleDeltaMost),
  ]
  return [...TRANSFORMS].sort((a, b) => (bits[a] ?? 0) - (bits[b] ?? 0))
}

const histogram = new Uint32Array(TOKEN_COUNT)

/** undefined: no tokens say them. */
function residualsOf(integers: Float64Array, transform: number, span: Span): Residuals | undefined {
  const length = residualCount(transform, integers.length)
  const values = scratch.doubles(length)
  const codes = scratch.bytes(length)
  const least =
    transform === TRANSFORM.offset ? span.least : transform === TRANSFORM.deltaOffset ? span.leastDelta : 0
  transformInto(values, integers, transform, least)
  let tokenBits = 0
  let most = 0
  for (let index = 0; index < length; index++) {
    const value = values[index] as number
    if (value > most) most = value
    const token = tokenOf(value)
    codes[index] = token
    histogram[token]!++
    tokenBits += TOKEN_BITS[token] as number
  }
  const bits = tokenBits + takeEntropyBits(histogram, length, tokenOf(most))
  if (!(most <= LARGEST_RESIDUAL)) return undefined
  // Below 16 tokens are the bytes.
  if (most >= 16 && most < 256) {
    const bytes = scratch.bytes(length)
    for (let index = 0; index < length; index++) bytes[index] = values[index] as number
    const byteBits = byteEntropyBits(bytes)
    if (byteBits < bits)
      return { transform, least, values, codes: bytes, tokenBits: 0, areBytes: true, bits: byteBits }
  }
  return { transform, least, values, codes, tokenBits, areBytes: false, bits }
}

/** The first integer is 0. A loop for each: what is chosen in a loop is chosen for each value. */
function transformInto(values: Float64Array, integers: Float64Array, transform: number, least: number): void {
  const { length } = values
  let last = 0
  if (transform === TRANSFORM.offset) {
    for (let index = 0; index < length; index++) values[index] = (integers[index] as number) - least
  } else if (transform === TRANSFORM.deltaOffset) {
    for (let index = 0; index < length; index++) {
      const integer = integers[index + 1] as number
      values[index] = integer - last - least
      last = integer
    }
  } else if (transform === TRANSFORM.delta) {
    for (let index = 0; index < length; index++) {
      const integer = integers[index + 1] as number
      values[index] = zigzag(integer - last)
      last = integer
    }
  } else {
    let lastDelta = 0
    for (let index = 0; index < length; index++) {
      const integer = integers[index + 1] as number
      const delta = integer - last
      values[index] = zigzag(delta - lastDelta)
      last = integer
      lastDelta = delta
    }
  }
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

/** What restored integers are multiplied with, and what is added to them then. */
export interface Scale {
  readonly first: number
  readonly divisor: number
}

/** The same for residuals that are whole words, scaled in the same pass: `out` is as long as the column, or less. */
export function restoreShort(
  residuals: Int32Array | Uint8Array,
  { transform, least }: Pick<Residuals, 'transform' | 'least'>,
  { first, divisor }: Scale,
  out: Float64Array,
): void {
  if (transform === TRANSFORM.offset) {
    for (let index = 0; index < out.length; index++)
      out[index] = first + divisor * ((residuals[index] ?? 0) + least)
    return
  }
  let last = 0
  out[0] = first
  if (transform === TRANSFORM.deltaOffset) {
    for (let index = 1; index < out.length; index++) {
      last += (residuals[index - 1] ?? 0) + least
      out[index] = first + divisor * last
    }
  } else if (transform === TRANSFORM.delta) {
    for (let index = 1; index < out.length; index++) {
      const residual = residuals[index - 1] ?? 0
      last += (residual >>> 1) ^ -(residual & 1)
      out[index] = first + divisor * last
    }
  } else {
    let delta = 0
    for (let index = 1; index < out.length; index++) {
      const residual = residuals[index - 1] ?? 0
      delta += (residual >>> 1) ^ -(residual & 1)
      last += delta
      out[index] = first + divisor * last
    }
  }
}

function unzigzag(value: number): number {
  // The short way for what fits a word, which nearly all does.
  if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1)
  const half = Math.floor(value / 2)
  return half * 2 === value ? half : -half - 1
}
