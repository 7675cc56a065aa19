import { KymoError } from '../../telemetry/errors.ts'
import type { QueryAnswer } from '../services.ts'
import { allocatePiece, PIECE_BYTES, type PieceRoom } from './piece-room.ts'
import { LONGEST_NUMBER, writeNumber } from './write-number.ts'
import { LONGEST_PAIR, type PairsToWrite, writePairs } from './write-pairs.ts'

/** UTF-16 takes up to three bytes a unit in UTF-8. */
const MOST_BYTES_PER_UNIT = 3
/** Longer ones are handed to the encoder, which takes a while to begin. */
const LONGEST_SHORT_TEXT = 32
/** Shorter answers are copied into memory of their own: to lend it would take more. */
const FEWEST_LENT_BYTES = 32_768
/** Pairs for which there is room made at once. */
const PAIRS_AT_ONCE = 512

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
  /** The same memory. */
  #view: DataView<ArrayBuffer>
  #length = 0

  /** `room` is where pieces come from that are not taken. */
  constructor(maxBytes: number, room?: PieceRoom) {
    this.#maxBytes = maxBytes
    this.#room = room
    this.#piece = this.#newPiece(0)
    this.#view = viewOf(this.#piece)
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
    this.#length = writeNumber(this.#view, this.#length, value)
  }

  /** `[value,time]`, a comma in front of each; from the one place of the values up to the other. */
  addPairs(pairs: PairsToWrite): void {
    const { start, end, seconds, stepSeconds } = pairs
    for (let next = start; next < end; ) {
      const stop = Math.min(next + PAIRS_AT_ONCE, end)
      this.#reserve((stop - next) * LONGEST_PAIR)
      const some = { ...pairs, start: next, end: stop, seconds: seconds + (next - start) * stepSeconds }
      this.#length = writePairs(this.#view, this.#length, some)
      next = stop
    }
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
  toAnswer(contentType: string): QueryAnswer {
    this.#endPiece()
    const room = this.#room
    if (room === undefined || this.#pieceBytes < FEWEST_LENT_BYTES)
      return { contentType, body: this.#gather(allocatePiece(this.#pieceBytes)) }
    const [first] = this.#pieces
    const isOne = first !== undefined && this.#pieces.length === 1
    const body = isOne ? first : this.#gather(room.take(this.#pieceBytes))
    return { contentType, body, giveBack: () => room.giveBack(body) }
  }

  /** The same, of nobody else. */
  toBytes(): Uint8Array {
    this.#endPiece()
    return this.#gather(allocatePiece(this.#pieceBytes))
  }

  #gather(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    let offset = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, offset)
      offset += piece.length
      this.#room?.giveBack(piece)
    }
    this.#pieces = []
    return bytes.subarray(0, offset)
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
    this.#view = viewOf(this.#piece)
  }

  #newPiece(leastBytes: number): Uint8Array<ArrayBuffer> {
    return this.#room?.take(leastBytes) ?? allocatePiece(Math.max(leastBytes, PIECE_BYTES))
  }

  #endPiece(): void {
    this.#pieceBytes += this.#length
    if (this.#pieceBytes > this.#maxBytes) throw new KymoError('answer-too-large', { limit: this.#maxBytes })
    if (this.#length > 0) this.#pieces.push(this.#piece.subarray(0, this.#length))
    this.#length = 0
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  return new DataView(buffer, byteOffset, byteLength)
}
