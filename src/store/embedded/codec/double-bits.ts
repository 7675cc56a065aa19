import { byteEntropyBits } from './byte-entropy.ts'
import { scratch } from './scratch.ts'

/** What stands in the planes for a double. Codes are part of the format. */
export const DOUBLE_TRANSFORM = {
  /** Its own bits. */
  plain: 0,
  /** Its bits, exclusive-or those of the one before. */
  xor: 1,
  /** Its bits less those of the one before, as 64-bit integers. */
  difference: 2,
} as const

/** The bits of doubles as bytes: all lowest bytes, then all second lowest, and so on. `planes` has eight. */
export function writePlanes(values: Float64Array, transform: number, planes: readonly Uint8Array[]): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let lastLow = 0
  let lastHigh = 0
  for (let index = 0; index < values.length; index++) {
    const low = words[index * 2] ?? 0
    const high = words[index * 2 + 1] ?? 0
    let outLow = low
    let outHigh = high
    if (transform === DOUBLE_TRANSFORM.xor) {
      outLow = low ^ lastLow
      outHigh = high ^ lastHigh
    } else if (transform === DOUBLE_TRANSFORM.difference) {
      outLow = (low - lastLow) | 0
      outHigh = (high - lastHigh - (low < lastLow ? 1 : 0)) | 0
    }
    lastLow = low
    lastHigh = high
    for (let plane = 0; plane < 4; plane++) {
      ;(planes[plane] as Uint8Array)[index] = outLow >>> (plane * 8)
      ;(planes[plane + 4] as Uint8Array)[index] = outHigh >>> (plane * 8)
    }
  }
}

/** No plane is shorter than `out`. */
export function readPlanes(planes: readonly Uint8Array[], transform: number, out: Float64Array): void {
  const words = new Uint32Array(out.buffer, out.byteOffset, out.length * 2)
  const [p0, p1, p2, p3, p4, p5, p6, p7] = planes as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  let lastLow = 0
  let lastHigh = 0
  for (let index = 0; index < out.length; index++) {
    let low = (p0[index] ?? 0) | ((p1[index] ?? 0) << 8) | ((p2[index] ?? 0) << 16) | ((p3[index] ?? 0) << 24)
    let high =
      (p4[index] ?? 0) | ((p5[index] ?? 0) << 8) | ((p6[index] ?? 0) << 16) | ((p7[index] ?? 0) << 24)
    if (transform === DOUBLE_TRANSFORM.xor) {
      low ^= lastLow
      high ^= lastHigh
    } else if (transform === DOUBLE_TRANSFORM.difference) {
      const sum = (low >>> 0) + (lastLow >>> 0)
      low = sum | 0
      high = (high + lastHigh + (sum >= 2 ** 32 ? 1 : 0)) | 0
    }
    lastLow = low
    lastHigh = high
    words[index * 2] = low
    words[index * 2 + 1] = high
  }
}

/** The transform whose bytes are the least surprising, plane by plane. */
export function bestDoubleTransform(values: Float64Array): { transform: number; bits: number } {
  const planes = Array.from({ length: 8 }, () => scratch.bytes(values.length))
  let best: number = DOUBLE_TRANSFORM.plain
  let fewest = Number.POSITIVE_INFINITY
  for (const transform of Object.values(DOUBLE_TRANSFORM)) {
    writePlanes(values, transform, planes)
    const bits = planes.reduce((total, plane) => total + byteEntropyBits(plane), 0)
    if (bits < fewest) {
      fewest = bits
      best = transform
    }
  }
  return { transform: best, bits: fewest }
}
