import type { TimeDigits } from './time-digits.ts'
import { writeInteger, writeNumber } from './write-number.ts'

/** Bytes of a pair besides its numbers. */
export const PAIR_SIGNS = 4
const [COMMA, BRACKET, END_BRACKET] = [0x2c, 0x5b, 0x5d]

export interface PairsToWrite {
  readonly values: Float64Array
  /** Places of the first value, and of the one behind the last. */
  readonly start: number
  readonly end: number
  /** Of the first value; of the one behind the last afterwards. */
  readonly time: TimeDigits
}

/**
 * `,[value,time]` for each value. There is room for them. Returns where they end. One loop over plain variables: as calls for each point, of
 * an object that holds the bytes, the same took three times as long.
 */
export function writePairs(
  piece: Uint8Array,
  at: number,
  { values, start, end, time }: PairsToWrite,
): number {
  let length = at
  for (let place = start; place < end; place++) {
    const value = values[place] as number
    piece[length++] = COMMA
    piece[length++] = BRACKET
    const whole = value | 0
    length =
      whole === value && whole > 0 ? writeInteger(piece, length, whole) : writeNumber(piece, length, value)
    piece[length++] = COMMA
    const { bytes } = time
    for (let index = 0; index < bytes.length; index++) piece[length++] = bytes[index] as number
    piece[length++] = END_BRACKET
    time.next()
  }
  return length
}
