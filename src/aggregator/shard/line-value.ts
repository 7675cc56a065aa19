/**
 * What a line has between its colon and its mark, if it is a plain decimal of up to 15 characters, sign and point among
 * them, which is exact as one division of two exact numbers.
 */
export class LineValue {
  /** Without its sign. */
  magnitude = 0
  /** The byte in front of the first digit, if it is a sign; otherwise 0. */
  sign = 0

  /** Reads what stands at `start`, and says where it ends; 0: it is something else. There is a byte behind it that is no digit. */
  read(line: DataView, start: number): number {
    let at = start
    let byte = line.getUint8(at)
    this.sign = 0
    if (byte === MINUS || byte === PLUS) {
      this.sign = byte
      byte = line.getUint8(++at)
    }
    const digitsStart = at
    let value = 0
    for (; byte >= ZERO && byte <= NINE; byte = line.getUint8(++at)) value = value * 10 + (byte - ZERO)
    if (at === digitsStart) return 0
    if (byte === POINT) {
      const point = at
      byte = line.getUint8(++at)
      for (; byte >= ZERO && byte <= NINE; byte = line.getUint8(++at)) value = value * 10 + (byte - ZERO)
      value /= POWERS_OF_TEN[at - point - 1] ?? Number.NaN
    }
    this.magnitude = value
    return at - start > MOST_BYTES ? 0 : at
  }
}

export const PLUS = 0x2b
export const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** A double holds any 15 digits exactly. */
const MOST_BYTES = 15
const POWERS_OF_TEN = Float64Array.from({ length: MOST_BYTES + 1 }, (_, power) => 10 ** power)
