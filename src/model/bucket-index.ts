import { FINEST_SCALE } from './timer-sketch.ts'

/** Buckets of one octave at the finest scale. */
const OCTAVE_BUCKETS = 1 << FINEST_SCALE

/**
 * The bucket of a positive finite value at the finest scale, straight from the bits of the double: the exponent says which octave,
 * the top of the mantissa which of 64 equal cells of it. A cell is narrower than any bucket, so it has one boundary at
 * most, and one comparison is left. `npm run bench:sketch` measures it.
 */
export function bucketIndex(value: number): number {
  BITS.setFloat64(0, value, true)
  const high = BITS.getInt32(4, true)
  const exponent = high >> 20
  if (exponent === 0) return bucketIndex(value * 2 ** SUBNORMAL_OCTAVES) - SUBNORMAL_OCTAVES * OCTAVE_BUCKETS
  const mantissa = high & 0xf_ffff
  const cell = mantissa >> 14
  const boundary = CELL_BOUNDARY_HIGH[cell] ?? 0
  // Which side a value is on is anybody's guess: as a branch, every other one would be guessed wrongly.
  let above = (boundary - mantissa) >>> 31
  if (mantissa === boundary) above = BITS.getUint32(0, true) > (CELL_BOUNDARY_LOW[cell] ?? 0) ? 1 : 0
  return (exponent - 1023) * OCTAVE_BUCKETS + (CELL_BUCKETS[cell] ?? 0) + above
}

/**
 * What stands for the values of a bucket: as far from the lower edge as from the upper one, by ratio to a value there. So
 * it is wrong by (b - 1) / (b + 1) at most, where b = 2^(1 / 2^scale).
 */
export function bucketMiddle(index: number, scale: number): number {
  const widthRatio = edgeAt(1, scale)
  // From the edge nearer to 1, for the other may be too large for a double, or too small.
  return index >= 0
    ? edgeAt(index, scale) * ((2 * widthRatio) / (1 + widthRatio))
    : edgeAt(index + 1, scale) * (2 / (1 + widthRatio))
}

/** 2^(index / 2^scale). */
function edgeAt(index: number, scale: number): number {
  const place = index * 2 ** (FINEST_SCALE - scale)
  return 2 ** Math.floor(place / OCTAVE_BUCKETS) * edgeInOctave(place & (OCTAVE_BUCKETS - 1))
}

/** 2^(index / 32), by square roots: they are the same on every machine, to the last bit, as buckets are merged across them. */
function edgeInOctave(index: number): number {
  let edge = 1
  let root = 2
  for (let bit = OCTAVE_BUCKETS / 2; bit >= 1; bit /= 2) {
    root = Math.sqrt(root)
    if ((index & bit) !== 0) edge *= root
  }
  return edge
}

const BITS = new DataView(new ArrayBuffer(8))
/** Makes any subnormal a normal number. */
const SUBNORMAL_OCTAVES = 54
const CELLS = 64
/** The bucket, within its octave, of the values below the boundary in a cell; behind it is the next. */
const CELL_BUCKETS = new Int32Array(CELLS)
/** The mantissa of the boundary: its upper 20 bits, its lower 32. A cell without one has 20 bits that no mantissa is above. */
const CELL_BOUNDARY_HIGH = new Int32Array(CELLS).fill(0x10_0000)
const CELL_BOUNDARY_LOW = new Uint32Array(CELLS)

for (let bucket = 0; bucket < OCTAVE_BUCKETS; bucket++) {
  // A power of two is a boundary too: it is the last value of the octave before.
  BITS.setFloat64(0, edgeInOctave(bucket), true)
  const mantissa = BITS.getInt32(4, true) & 0xf_ffff
  const cell = mantissa >> 14
  CELL_BUCKETS.fill(bucket - 1, cell, cell + 1).fill(bucket, cell + 1)
  CELL_BOUNDARY_HIGH[cell] = mantissa
  CELL_BOUNDARY_LOW[cell] = BITS.getUint32(0, true)
}
