/** Digits of each number below this stand in the tables. */
export const WORD_NUMBERS = 10_000
const DIGIT_0 = 0x30

/** Four digits of each number, with zeros in front, as they stand in memory. */
export const PADDED = new Uint32Array(WORD_NUMBERS)
/** The digits of each number without zeros in front, and nothing behind them. */
export const PLAIN = new Uint32Array(WORD_NUMBERS)

for (let number = 0; number < WORD_NUMBERS; number++) {
  const thousands = Math.floor(number / 1_000)
  const hundreds = Math.floor(number / 100) % 10
  const tens = Math.floor(number / 10) % 10
  const digits = [thousands, hundreds, tens, number % 10].map((digit) => DIGIT_0 + digit)
  const padded = digits.reduce((word, digit, place) => word | (digit << (place * 8)), 0)
  PADDED[number] = padded
  PLAIN[number] = padded >>> ((4 - lengthOf(number)) * 8)
}

/** How many digits a number of the tables has. */
export function lengthOf(number: number): number {
  if (number < 100) return number < 10 ? 1 : 2
  return number < 1_000 ? 3 : 4
}
