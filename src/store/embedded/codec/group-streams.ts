import { ByteWriter } from './byte-writer.ts'
import type { ByteReader } from './byte-reader.ts'
import { DamagedBytes } from './damaged-bytes.ts'
import { compress, decompress, type Effort } from './packed-bytes.ts'

/**
 * What chunks are made of, kind by kind: the bytes of one kind in all chunks of a group stand together, because they are alike
 * and because every call of the entropy coder costs as much as 2,000 points.
 */
export const STREAM = {
  /** What each chunk is, in order. */
  heads: 0,
  /** Differences of irregular times. */
  times: 1,
  /** Tokens of integers. */
  tokens: 2,
  /** The bits behind the tokens. */
  bits: 3,
  /** Which of its few values each is. */
  codes: 4,
  /** Doubles as they are: where the same come again, but too many for a table. */
  doubles: 5,
  /** The lowest bytes of doubles; the seven streams behind it are the next ones. */
  firstPlane: 6,
} as const
export const STREAM_COUNT = STREAM.firstPlane + 8

/** No stream of a group is longer, and neither is a group. */
export const MAX_STREAM_BYTES = 4 * 1_024 * 1_024

const NOTHING = new Uint8Array(0)
const METHOD = { empty: 0, plain: 1, zstd: 2, repeated: 3 } as const
/** Not worth a call. */
const FEWEST_BYTES = 32

export class StreamWriters {
  readonly streams: readonly ByteWriter[] = Array.from({ length: STREAM_COUNT }, () => new ByteWriter())

  /** Per stream a method; the length of what it stands for; what it needs. */
  writeTo(out: ByteWriter, effort: Effort): void {
    for (const { bytes } of this.streams) {
      const [first] = bytes
      if (first === undefined) out.byte(METHOD.empty)
      else if (bytes.length > 4 && bytes.every((byte) => byte === first)) {
        out.byte(METHOD.repeated)
        out.varint(bytes.length)
        out.byte(first)
      } else writeOne(out, bytes, effort)
    }
  }
}

function writeOne(out: ByteWriter, bytes: Uint8Array, effort: Effort): void {
  const small = bytes.length < FEWEST_BYTES ? undefined : compress(bytes, effort)
  // What is hardly smaller is quicker as it is.
  if (small !== undefined && small.length + 4 < bytes.length * 0.98) {
    out.byte(METHOD.zstd)
    out.varint(bytes.length)
    out.varint(small.length)
    out.append(small)
  } else {
    out.byte(METHOD.plain)
    out.varint(bytes.length)
    out.append(bytes)
  }
}

/** All streams of a group, in the order of their numbers. Throws DamagedBytes. */
export function readStreams(reader: ByteReader): Uint8Array[] {
  return Array.from({ length: STREAM_COUNT }, () => {
    switch (reader.byte()) {
      case METHOD.empty:
        return NOTHING
      case METHOD.plain:
        return reader.take(reader.count(MAX_STREAM_BYTES))
      case METHOD.repeated:
        return new Uint8Array(reader.count(MAX_STREAM_BYTES)).fill(reader.byte())
      case METHOD.zstd: {
        const length = reader.count(MAX_STREAM_BYTES)
        return decompress(reader.take(reader.count(MAX_STREAM_BYTES)), length)
      }
      default:
        throw new DamagedBytes('there is no such way of packing')
    }
  })
}
