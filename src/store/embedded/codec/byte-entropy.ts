/** n log2 n of small n: looked up, because chunks are many and short. */
const N_LOG_N = Float64Array.from({ length: 8_193 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)))

export function nLogN(n: number): number {
  return n < N_LOG_N.length ? (N_LOG_N[n] ?? 0) : n * Math.log2(n)
}

/**
 * Bits that so many things take if each takes what its share of all is worth. Empties the histogram, of which nothing behind `most`
 * is used: a short chunk uses few places.
 */
export function takeEntropyBits(histogram: Uint32Array, total: number, most = histogram.length - 1): number {
  let bits = nLogN(total)
  const end = Math.min(histogram.length, most + 1)
  for (let index = 0; index < end; index++) {
    const count = histogram[index] ?? 0
    if (count === 0) continue
    bits -= nLogN(count)
    histogram[index] = 0
  }
  return bits
}

const histogram = new Uint32Array(256)

/** Bits that these bytes take if each takes what its share of all is worth. */
export function byteEntropyBits(bytes: Uint8Array): number {
  for (let index = 0; index < bytes.length; index++) histogram[bytes[index] as number]!++
  return takeEntropyBits(histogram, bytes.length)
}
