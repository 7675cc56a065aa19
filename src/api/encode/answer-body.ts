import { KymoError } from '../../telemetry/errors.ts'

/** Text is encoded in pieces of about this many characters, so that no answer exists twice as a whole. */
const PIECE_CHARACTERS = 65_536

/**
 * The bytes of an answer while it is written. Throws the KymoError `answer-too-large` past its limit.
 * The bytes handed out own their memory: they may be transferred to another thread.
 */
export class AnswerBody {
  readonly #maxBytes: number
  readonly #encoder = new TextEncoder()
  readonly #pieces: Uint8Array[] = []
  #pieceBytes = 0
  #text = ''

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(text: string): void {
    this.#text += text
    if (this.#text.length >= PIECE_CHARACTERS) this.#encode()
  }

  /** The bytes belong to it from then on. */
  addBytes(bytes: Uint8Array): void {
    this.#encode()
    this.#addPiece(bytes)
  }

  toBytes(): Uint8Array {
    this.#encode()
    const bytes = new Uint8Array(this.#pieceBytes)
    let offset = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, offset)
      offset += piece.length
    }
    return bytes
  }

  #encode(): void {
    if (this.#text === '') return
    this.#addPiece(this.#encoder.encode(this.#text))
    this.#text = ''
  }

  #addPiece(piece: Uint8Array): void {
    this.#pieceBytes += piece.length
    if (this.#pieceBytes > this.#maxBytes) throw new KymoError('answer-too-large', { limit: this.#maxBytes })
    this.#pieces.push(piece)
  }
}
