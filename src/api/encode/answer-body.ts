import { KymoError } from '../../telemetry/errors.ts'
import { allocatePiece, PIECE_BYTES, type PieceRoom } from './piece-room.ts'

/** UTF-16 takes up to three bytes a unit in UTF-8. */
const MOST_BYTES_PER_UNIT = 3
/** Longer ones are handed to the encoder, which takes a while to begin. */
const LONGEST_SHORT_TEXT = 32
/** Of a number: the sign, 17 digits, a point, an exponent, or zeros behind the point. */
const LONGEST_NUMBER = 32
const DIGIT_0 = 0x30
const MINUS = 0x2d
const POINT = 0x2e
/** What fits into 31 bits is divided quickly. */
const LARGEST_SMALL_INTEGER = 2 ** 31 - 1
/** Numbers of so many places behind the point, and of 15 digits at most, are written without `String`. */
const SHORT_PLACES = 6
const SHORT_SCALE = 10 ** SHORT_PLACES
const LARGEST_SHORT = 999_999_999

/**
 * The bytes of an answer while it is written, in pieces, so that a large one never exists as a whole. Throws the KymoError `answer-too-large` past its limit.
 * The bytes handed out own their memory: they may be transferred to another thread.
 */
export class AnswerBody {
  readonly #maxBytes: number
  readonly #encoder = new TextEncoder()
  #pieces: Uint8Array<ArrayBuffer>[] = []
  /** Of the pieces, also of those that were taken. */
  #pieceBytes = 0
  readonly #room: PieceRoom | undefined
  #piece: Uint8Array<ArrayBuffer>
  #length = 0

  /** `room` is where pieces come from that are not taken. */
  constructor(maxBytes: number, room?: PieceRoom) {
    this.#maxBytes = maxBytes
    this.#room = room
    this.#piece = this.#newPiece(0)
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
    this.#reserve(LONGEST_NUMBER)
    this.#length = writeNumber(this.#piece, this.#length, value)
  }

  /** `[value,seconds]` */
  addPair(value: number, seconds: number): void {
    this.#reserve(2 * LONGEST_NUMBER + 3)
    const piece = this.#piece
    let length = this.#length
    piece[length++] = BRACKET
    length = writeNumber(piece, length, value)
    piece[length++] = COMMA
    length = writeNumber(piece, length, seconds)
    piece[length++] = END_BRACKET
    this.#length = length
  }

  /** Whether there are pieces to be taken. */
  get hasPieces(): boolean {
    return this.#pieces.length > 0
  }

  /** The pieces that are full, which are not its own any more. Each has memory to itself, more than it needs. */
  takePieces(): Uint8Array<ArrayBuffer>[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  /** What is left when all has been written. */
  takeRest(): Uint8Array<ArrayBuffer>[] {
    this.#endPiece()
    return this.takePieces()
  }

  /** All of it, where no piece has been taken. The end of the body. */
  toBytes(): Uint8Array {
    this.#endPiece()
    const bytes = allocatePiece(this.#pieceBytes)
    let offset = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, offset)
      offset += piece.length
      this.#room?.giveBack(piece)
    }
    this.#pieces = []
    return bytes
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
    this.#piece = this.#newPiece(bytes)
  }

  #newPiece(leastBytes: number): Uint8Array<ArrayBuffer> {
    if (leastBytes > PIECE_BYTES) return allocatePiece(leastBytes)
    return this.#room?.take() ?? allocatePiece(PIECE_BYTES)
  }

  #endPiece(): void {
    this.#pieceBytes += this.#length
    if (this.#pieceBytes > this.#maxBytes) throw new KymoError('answer-too-large', { limit: this.#maxBytes })
    if (this.#length > 0) this.#pieces.push(this.#piece.subarray(0, this.#length))
    this.#length = 0
  }
}

const [BRACKET, COMMA, END_BRACKET] = [0x5b, 0x2c, 0x5d]

/** There is room for it. Returns where it ends. */
function writeNumber(piece: Uint8Array, start: number, value: number): number {
  if (value <= LARGEST_SMALL_INTEGER && value >= -LARGEST_SMALL_INTEGER) {
    const whole = value | 0
    if (value === whole) {
      if (whole === 0)
        return Object.is(value, -0) ? writeAscii(piece, start, '-0.0') : writeDigit(piece, start)
      return writeInteger(piece, start, whole)
    }
    const end = writeShort(piece, start, value)
    if (end > start) return end
  }
  return writeAscii(piece, start, Number.isFinite(value) ? String(value) : 'null')
}

function writeDigit(piece: Uint8Array, start: number): number {
  piece[start] = DIGIT_0
  return start + 1
}

function writeAscii(piece: Uint8Array, start: number, text: string): number {
  for (let index = 0; index < text.length; index++) piece[start + index] = text.charCodeAt(index)
  return start + text.length
}

/** Not 0, and of 31 bits: divided as integers. */
function writeInteger(piece: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  if (rest < 0) {
    piece[at++] = MINUS
    rest = -rest | 0
  }
  const end = at + digitsOf(rest)
  for (let place = end - 1; place >= at; place--) {
    const next = (rest / 10) | 0
    piece[place] = DIGIT_0 + rest - Math.imul(next, 10)
    rest = next
  }
  return end
}

/**
 * A number that is a decimal of few places. Of the decimals of 15 digits no two are the same number, so the one that it is
 * is the shortest, which is what `String` writes. Returns `start` where it is none.
 */
function writeShort(piece: Uint8Array, start: number, value: number): number {
  const size = Math.abs(value)
  // Below, `String` writes an exponent.
  if (!(size <= LARGEST_SHORT) || size < 1e-6) return start
  const scaled = Math.round(size * SHORT_SCALE)
  if (scaled / SHORT_SCALE !== size) return start
  let at = start
  if (value < 0) piece[at++] = MINUS
  const whole = Math.floor(scaled / SHORT_SCALE)
  at = whole === 0 ? writeDigit(piece, at) : writeInteger(piece, at, whole)
  piece[at++] = POINT
  let rest = (scaled - whole * SHORT_SCALE) | 0
  let places = SHORT_PLACES
  for (; places > 1; places--) {
    const next = (rest / 10) | 0
    if (Math.imul(next, 10) !== rest) break
    rest = next
  }
  for (let place = at + places - 1; place >= at; place--) {
    const next = (rest / 10) | 0
    piece[place] = DIGIT_0 + rest - Math.imul(next, 10)
    rest = next
  }
  return at + places
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
