import type { SeriesIdentity } from '../../model/series-identity.ts'
import type { PointsToEncode } from '../graphite-plaintext/encode-lines.ts'
import type { WireNames } from '../graphite-plaintext/wire-name.ts'

/** A message is put out when it has about so many bytes; carbon takes a mebibyte. */
const FULL_BYTES = 65_536
/** No name is longer on the wire (wire-name.ts), and a point is little more than its name. */
const LONGEST_POINT_BYTES = 16_000 + 32

const LENGTH_BYTES = 4
/** Protocol 2, an empty list, a mark. */
const HEAD = [0x80, 0x02, 0x5d, 0x28] as const
/** All behind the mark go into the list, and that is it. */
const TAIL = [0x65, 0x2e] as const
const TEXT = 0x58
const INT_32 = 0x4a
const LONG = 0x8a
const FLOAT_64 = 0x47
const PAIR = 0x86

/**
 * carbon's pickle protocol, as carbon-relay speaks it: messages of a length and a pickled list of points.
 *
 *   00 00 00 1e  80 02  5d 28  [58 03 00 00 00 "a.b"  4a 00 f1 53 65  47 3f f8 ...  86 86]  65 2e
 *   length       proto  [ (     text of 3 bytes       1700000000      1.5           pairs    ] .
 *
 * Yields messages. `refuse` is called with the place of each point that none can carry.
 */
export function* encodeMessages(
  points: PointsToEncode,
  names: WireNames,
  refuse: (index: number) => void,
): Generator<Uint8Array> {
  const { series, values, timesMs } = points
  const message = new MessageWriter()
  for (let i = 0; i < series.length; i += 1) {
    const name = names.nameOf(series[i] as SeriesIdentity)
    const value = values[i] as number
    if (name === '' || !Number.isFinite(value)) {
      refuse(i)
      continue
    }
    const timeMs = typeof timesMs === 'number' ? timesMs : (timesMs[i] as number)
    message.add(name, Math.floor(timeMs / 1_000), value)
    if (message.isFull) yield message.take()
  }
  if (!message.isEmpty) yield message.take()
}

class MessageWriter {
  #bytes = Buffer.allocUnsafe(FULL_BYTES + LONGEST_POINT_BYTES)
  #at = LENGTH_BYTES + HEAD.length

  get isEmpty(): boolean {
    return this.#at === LENGTH_BYTES + HEAD.length
  }

  get isFull(): boolean {
    return this.#at >= FULL_BYTES
  }

  add(name: string, seconds: number, value: number): void {
    const bytes = this.#bytes
    const nameBytes = bytes.write(name, this.#at + 5)
    bytes[this.#at] = TEXT
    this.#at = bytes.writeUInt32LE(nameBytes, this.#at + 1) + nameBytes
    if (seconds <= 0x7fff_ffff && seconds >= -0x8000_0000) {
      bytes[this.#at] = INT_32
      this.#at = bytes.writeInt32LE(seconds, this.#at + 1)
    } else {
      bytes[this.#at] = LONG
      bytes[this.#at + 1] = 8
      this.#at = bytes.writeBigInt64LE(BigInt(seconds), this.#at + 2)
    }
    bytes[this.#at] = FLOAT_64
    this.#at = bytes.writeDoubleBE(value, this.#at + 1)
    bytes[this.#at++] = PAIR
    bytes[this.#at++] = PAIR
  }

  /** What was added, as a message. It is the reader's own from then on. */
  take(): Uint8Array {
    const bytes = this.#bytes
    bytes.set(HEAD, LENGTH_BYTES)
    bytes.set(TAIL, this.#at)
    const end = this.#at + TAIL.length
    bytes.writeUInt32BE(end - LENGTH_BYTES, 0)
    this.#bytes = Buffer.allocUnsafe(FULL_BYTES + LONGEST_POINT_BYTES)
    this.#at = LENGTH_BYTES + HEAD.length
    return bytes.subarray(0, end)
  }
}
