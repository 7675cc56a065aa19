import { POWERS_OF_TEN } from '../codec/decimals.ts'
import { OFFSET_MASK, type HeadPages } from './head-pages.ts'
import {
  baseOf,
  HAS_TIME,
  HIGH_BYTES,
  IS_POINT,
  LOW_BYTES,
  NEXT_PIECE,
  nextPieceBytes,
  PIECE_HEADER_BYTES,
  SAME_VALUE,
} from './point-stream.ts'

export interface StreamToDecode {
  /** How many points are published. */
  readonly points: number
  readonly firstPiece: number
  readonly firstTimeMs: number
}

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)

/**
 * Decodes a stream from its beginning into columns that are long enough. The writer may be adding to it meanwhile: nothing
 * behind the points that were published is looked at.
 */
export function decodePoints(
  pages: HeadPages,
  { points, firstPiece, firstTimeMs }: StreamToDecode,
  timesMs: Float64Array,
  values: Float64Array,
): void {
  let piece = firstPiece
  let { bytes, words: pageWords } = pages.bytePage(piece)
  let pieceBytes = nextPieceBytes(0)
  let bytesBefore = pieceBytes
  let position = (piece & OFFSET_MASK) + PIECE_HEADER_BYTES
  let end = (piece & OFFSET_MASK) + pieceBytes
  let time = firstTimeMs
  let distance = 0
  let value = 0
  // What `baseOf` answers for the value before, of these digits; -1: nobody has asked.
  let base = 0
  let baseDigits = -1
  for (let point = 0; point < points; ) {
    const header = position === end ? IS_POINT | NEXT_PIECE : (bytes[position++] as number)
    if (header < IS_POINT) {
      const runEnd = Math.min(points, point + header + 1)
      for (; point < runEnd; point++) {
        time += distance
        timesMs[point] = time
        values[point] = value
      }
      continue
    }
    const code = header & 63
    if (code === NEXT_PIECE) {
      piece = Atomics.load(pageWords, (piece & OFFSET_MASK) >>> 2)
      ;({ bytes, words: pageWords } = pages.bytePage(piece))
      pieceBytes = nextPieceBytes(bytesBefore)
      bytesBefore += pieceBytes
      position = (piece & OFFSET_MASK) + PIECE_HEADER_BYTES
      end = (piece & OFFSET_MASK) + pieceBytes
      continue
    }
    if ((header & HAS_TIME) !== 0) {
      let byte = bytes[position++] as number
      let coded = byte & 127
      for (let scale = 128; byte >= 128; scale *= 128) {
        byte = bytes[position++] as number
        coded += (byte & 127) * scale
      }
      if (coded === 0) {
        for (let index = 0; index < 2; index++, position += 4) words[index] = wordAt(bytes, position)
        distance = (doubles[0] as number) - time
        time = doubles[0] as number
      } else {
        coded--
        distance = coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2
        time += distance
      }
    } else time += distance
    if (code < SAME_VALUE) {
      const digits = code >>> 2
      const power = POWERS_OF_TEN[digits] as number
      let difference: number
      switch (code & 3) {
        case 0:
          difference = ((bytes[position] as number) << 24) >> 24
          break
        case 1:
          difference = (((bytes[position] as number) << 16) | ((bytes[position + 1] as number) << 24)) >> 16
          break
        case 2:
          difference =
            (((bytes[position] as number) << 8) |
              ((bytes[position + 1] as number) << 16) |
              ((bytes[position + 2] as number) << 24)) >>
            8
          break
        default:
          difference = wordAt(bytes, position)
      }
      position += (code & 3) + 1
      // What was written as an integer of as many digits is that integer again.
      if (digits !== baseDigits) base = baseOf(value, power)
      base += difference
      baseDigits = digits
      value = base / power
    } else if (code > SAME_VALUE) {
      doubles[0] = Number.isNaN(value) ? 0 : value
      const isHigh = code > HIGH_BYTES
      const count = code - (isHigh ? HIGH_BYTES : LOW_BYTES)
      let low = 0
      let high = 0
      for (let byte = isHigh ? 8 - count : 0, last = byte + count; byte < last; byte++) {
        const bits = bytes[position++] as number
        if (byte < 4) low |= bits << (byte * 8)
        else high |= bits << (byte * 8 - 32)
      }
      words[0] = (words[0] as number) ^ low
      words[1] = (words[1] as number) ^ high
      value = doubles[0] as number
      baseDigits = -1
    }
    timesMs[point] = time
    values[point++] = value
  }
}

function wordAt(bytes: Uint8Array, position: number): number {
  return (
    (bytes[position] as number) |
    ((bytes[position + 1] as number) << 8) |
    ((bytes[position + 2] as number) << 16) |
    ((bytes[position + 3] as number) << 24)
  )
}
