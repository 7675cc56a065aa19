import { constants, zstdCompressSync, zstdDecompressSync, type ZstdOptions } from 'node:zlib'
import { DamagedBytes } from './damaged-bytes.ts'

/** `quick`: for what is packed again before long. `thorough`: for what is merged, and stays. */
export type Effort = 'quick' | 'thorough'

// Measured over bench/store-codec.ts: level 3 takes 3 % more space than level 6, level 9 none less and more time, level 19 2 % less
// at a third of the speed. Most streams of short chunks are noise to whoever looks for repetitions.
const LEVELS: Readonly<Record<Effort, number>> = { quick: 1, thorough: 6 }

/** Puts bytes through the entropy coder. Never larger than what comes out of it for noise, a few bytes more. */
export function compress(bytes: Uint8Array, effort: Effort = 'thorough'): Uint8Array {
  const options: ZstdOptions & { readonly pledgedSrcSize: number } = {
    // Its tables are no larger than it takes then.
    pledgedSrcSize: bytes.length,
    params: { [constants.ZSTD_c_compressionLevel]: LEVELS[effort] },
  }
  return zstdCompressSync(bytes, options)
}

/** Undoes it. `length` is what must come out, and the caller has bounded it. Throws DamagedBytes. */
export function decompress(bytes: Uint8Array, length: number): Uint8Array {
  const size = Math.max(64, length)
  let plain: Uint8Array
  try {
    plain = zstdDecompressSync(bytes, { chunkSize: size, maxOutputLength: size })
  } catch (error) {
    throw new DamagedBytes(error instanceof Error ? error.message : 'the entropy coder refuses them')
  }
  if (plain.length !== length) throw new DamagedBytes('they unpack to another length')
  return plain
}

/** Compressed bytes that say how long they were: u32, then the rest. */
export function pack(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, compress(bytes)])
}

/** Throws DamagedBytes, also for what would be longer than `mostBytes`. */
export function unpack(packed: Uint8Array, mostBytes: number): Uint8Array {
  if (packed.length < 4) throw new DamagedBytes('they end too early')
  const length = Buffer.from(packed.buffer, packed.byteOffset, 4).readUInt32LE()
  if (length > mostBytes) throw new DamagedBytes(`${length} bytes where there can be ${mostBytes}`)
  return decompress(packed.subarray(4), length)
}
