/**
 * Reads the decimals that nearly all senders write, in one pass with finding their end:
 *
 *   [-] digits [. digits]        up to 15 digits in all, zeros at the beginning included
 *
 * Gives what `parseDecimal` gives, to the bit: both integers of the quotient are exact, and it rounds once.
 */
export class PlainDecimal {
  /** Behind the last digit of the one that was read last. */
  end = 0

  /** What stands at `start`, and ends before `limit`. NaN: something else, which may be a number all the same. */
  read(bytes: Uint8Array, start: number, limit: number): number {
    let at = start
    const isNegative = bytes[at] === MINUS
    if (isNegative) at++
    const digitsStart = at
    let point = -1
    // Nine digits fit a word, and are put together in half the time.
    let word = 0
    let shift = 1
    let high = 0
    for (; at < limit; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) {
        if (digit !== POINT - ZERO || point >= 0) break
        point = at
        continue
      }
      if (shift === MOST_IN_A_WORD) {
        high = high * MOST_IN_A_WORD + word
        word = 0
        shift = 1
      }
      word = Math.imul(word, 10) + digit
      shift = Math.imul(shift, 10)
    }
    this.end = at
    const digits = at - digitsStart - (point < 0 ? 0 : 1)
    if (digits === 0 || digits > MOST_DIGITS) return Number.NaN
    const integer = high === 0 ? word : high * shift + word
    const value = point < 0 ? integer : integer / (POWERS_OF_TEN[at - point - 1] as number)
    return isNegative ? -value : value
  }
}

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const MOST_DIGITS = 15
const MOST_IN_A_WORD = 1_000_000_000
const POWERS_OF_TEN = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power)
