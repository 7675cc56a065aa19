const histogram = new Uint32Array(256)

/** Bits that these bytes take if each takes what its share of all is worth. */
export function byteEntropyBits(bytes: Uint8Array): number {
  histogram.fill(0)
  for (const byte of bytes) histogram[byte] = (histogram[byte] ?? 0) + 1
  let bits = 0
  for (const count of histogram) if (count > 0) bits -= count * Math.log2(count / bytes.length)
  return bits
}
