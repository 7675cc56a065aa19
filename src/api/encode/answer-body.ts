import { KymoError } from '../../telemetry/errors.ts'

/** An answer is written into pieces of about this many bytes, so that no answer exists twice as a whole. */
const PIECE_BYTES = 65_536
/** UTF-16 takes up to three bytes a unit in UTF-8. */
const MOST_BYTES_PER_UNIT = 3
/** Longer ones are handed to the encoder, which takes a while to begin. */
const LONGEST_SHORT_TEXT = 32
const DIGIT_0 = 0x30
const MINUS = 0x2d
/** What fits into 31 bits is divided quickly. */
const LARGEST_SMALL_INTEGER = 2 ** 31 - 1

/**
 * The bytes of an answer while it is written. Throws the KymoError `answer-too-large` past its limit.
 * The bytes handed out own their memory: they may be transferred to another thread.
 */
export class AnswerBody {
  readonly #maxBytes: number
  readonly #encoder = new TextEncoder()
  readonly #pieces: Uint8Array[] = []
  /** Of the pieces. */
  #pieceBytes = 0
  #piece = new Uint8Array(PIECE_BYTES)
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(text: string): void {
    if (text.length <= LONGEST_SHORT_TEXT && this.#addShort(text)) return
    this.#reserve(text.length * MOST_BYTES_PER_UNIT)
    this.#length += this.#encoder.encodeInto(text, this.#piece.subarray(this.#length)).written
  }

  /** One character of ASCII. */
  addByte(code: number): void {
    this.#reserve(1)
    this.#piece[this.#length++] = code
  }

  /** A number as JSON has it: as `String` writes it, but for -0; null if it is not finite. */
  addNumber(value: number): void {
    const isSmall =
      value === Math.trunc(value) && value <= LARGEST_SMALL_INTEGER && value >= -LARGEST_SMALL_INTEGER
    if (!isSmall) this.add(Number.isFinite(value) ? String(value) : 'null')
    else if (value === 0) this.add(Object.is(value, -0) ? '-0.0' : '0')
    else this.#addInteger(value)
  }

  toBytes(): Uint8Array {
    this.#endPiece()
    const bytes = new Uint8Array(this.#pieceBytes)
    let offset = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, offset)
      offset += piece.length
    }
    return bytes
  }

  /** Not 0, and of 31 bits: divided as integers. */
  #addInteger(value: number): void {
    this.#reserve(11)
    const piece = this.#piece
    let length = this.#length
    let rest = value | 0
    if (rest < 0) {
      piece[length++] = MINUS
      rest = -rest | 0
    }
    const end = length + digitsOf(rest)
    for (let place = end - 1; place >= length; place--) {
      const next = (rest / 10) | 0
      piece[place] = DIGIT_0 + rest - Math.imul(next, 10)
      rest = next
    }
    this.#length = end
  }

  /** False: it is not ASCII, and nothing was added. */
  #addShort(text: string): boolean {
    this.#reserve(text.length)
    const piece = this.#piece
    const start = this.#length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      piece[start + index] = code
    }
    this.#length = start + text.length
    return true
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#piece.length) return
    this.#endPiece()
    this.#piece = new Uint8Array(Math.max(PIECE_BYTES, bytes))
  }

  #endPiece(): void {
    this.#pieceBytes += this.#length
    if (this.#pieceBytes > this.#maxBytes) throw new KymoError('answer-too-large', { limit: this.#maxBytes })
    this.#pieces.push(this.#piece.subarray(0, this.#length))
    this.#length = 0
  }
}

function digitsOf(integer: number): number {
  if (integer < 100_000) {
    if (integer < 100) return integer < 10 ? 1 : 2
    if (integer < 10_000) return integer < 1_000 ? 3 : 4
    return 5
  }
  if (integer < 10_000_000) return integer < 1_000_000 ? 6 : 7
  if (integer < 1_000_000_000) return integer < 100_000_000 ? 8 : 9
  return 10
}
