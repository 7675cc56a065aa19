/** Bytes of a piece of an answer. */
export const PIECE_BYTES = 262_144

/**
 * Memory that answers are written into, used again and again. What is allocated for each answer anew is what a thread collects garbage
 * for: of 24 h of a series that took as long as everything else.
 */
export interface PieceRoom {
  /** PIECE_BYTES, or more; not cleared. */
  take(): Uint8Array<ArrayBuffer>
  /** Whoever gives it back uses it no more. */
  giveBack(piece: Uint8Array<ArrayBuffer>): void
}

/** So much is kept while nobody needs it: an answer that is neither small nor streamed. */
const MOST_KEPT = 32

export function createPieceRoom(): PieceRoom {
  const kept: Uint8Array<ArrayBuffer>[] = []
  return {
    take: () => kept.pop() ?? allocatePiece(PIECE_BYTES),
    giveBack(piece) {
      const isOne = piece.buffer.byteLength === PIECE_BYTES
      if (isOne && kept.length < MOST_KEPT) kept.push(new Uint8Array(piece.buffer))
    },
  }
}

/** Not cleared: nothing is handed out that has not been written. */
export function allocatePiece(bytes: number): Uint8Array<ArrayBuffer> {
  // As the plain class: code that meets two writes bytes slowly.
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer)
}
