const DIGIT_0 = 0x30

/**
 * A time in seconds, written in digits, that goes on in equal steps: to add to digits takes a fourth of the time that dividing a number of ten of them takes, and
 * of short values the time is most of a point.
 */
export class TimeDigits {
  /** In ASCII. */
  bytes: Uint8Array
  readonly #stepSeconds: number
  #seconds: number

  constructor(startSeconds: number, stepSeconds: number) {
    this.#seconds = startSeconds
    this.#stepSeconds = stepSeconds
    this.bytes = digitsOf(startSeconds)
  }

  get seconds(): number {
    return this.#seconds
  }

  next(): void {
    const before = this.#seconds
    const seconds = (this.#seconds += this.#stepSeconds)
    const bytes = this.bytes
    // Fast path: a whole number that stays as long as it was.
    if (before > 0 && Number.isSafeInteger(seconds)) {
      let carry = this.#stepSeconds
      for (let place = bytes.length - 1; place >= 0; place--) {
        const sum = (bytes[place] as number) - DIGIT_0 + carry
        if (sum < 10) {
          bytes[place] = DIGIT_0 + sum
          return
        }
        carry = Math.floor(sum / 10)
        bytes[place] = DIGIT_0 + sum - carry * 10
      }
    }
    this.bytes = digitsOf(seconds)
  }
}

function digitsOf(seconds: number): Uint8Array {
  return new TextEncoder().encode(String(seconds))
}
