import type { Clock } from '../../lib/clock.ts'
import type { Sending } from '../../model/sending.ts'

/** Tells what of a sending was making the bytes: pieces are made while those before are on their way. */
export class PieceMeter {
  readonly #clock: Clock
  readonly #startMs: number
  #encodingMs = 0
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startMs = clock.monotonicMs()
  }

  /** Passes the pieces on as they are asked for. */
  *measure<Piece extends string | Uint8Array>(pieces: Iterable<Piece>): Generator<Piece> {
    let askedMs = this.#clock.monotonicMs()
    for (const piece of pieces) {
      this.#encodingMs += this.#clock.monotonicMs() - askedMs
      this.#bytes += Buffer.byteLength(piece)
      yield piece
      askedMs = this.#clock.monotonicMs()
    }
    this.#encodingMs += this.#clock.monotonicMs() - askedMs
  }

  /** Since the meter was made. */
  read(): Sending {
    const lastedMs = this.#clock.monotonicMs() - this.#startMs
    return { encodingMs: this.#encodingMs, sendingMs: lastedMs - this.#encodingMs, bytes: this.#bytes }
  }
}
