/** Bytes of a piece of an answer. */
export const PIECE_BYTES = 262_144

/**
 * Memory that answers are written into, used again and again. What is allocated for each answer anew is what the threads that it goes through collect garbage
 * for: of 24 h of a series that took as long as everything else.
 */
export interface PieceRoom {
  /** At least so many bytes, and PIECE_BYTES; not cleared. */
  take(leastBytes: number): Uint8Array<ArrayBuffer>
  /** Whoever gives it back, or a part of it, uses it no more. */
  giveBack(piece: Uint8Array): void
}

/** So much is kept while nobody needs it: what twenty panels take. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024
/** Longer ones are rare, and not kept. */
const LONGEST_KEPT_BYTES = 4 * 1024 * 1024

export function createPieceRoom(): PieceRoom {
  /** By how long they are: PIECE_BYTES, twice that and so on. */
  const kept = new Map<number, Uint8Array<ArrayBuffer>[]>()
  let keptBytes = 0
  return {
    take(leastBytes) {
      const bytes = lengthFor(leastBytes)
      const piece = kept.get(bytes)?.pop()
      if (piece === undefined) return allocatePiece(bytes)
      keptBytes -= bytes
      return piece
    },
    giveBack({ buffer }) {
      const bytes = buffer.byteLength
      if (!(buffer instanceof ArrayBuffer) || bytes !== lengthFor(bytes)) return
      if (bytes > LONGEST_KEPT_BYTES || keptBytes + bytes > MOST_KEPT_BYTES) return
      const alike = kept.get(bytes) ?? []
      kept.set(bytes, alike)
      alike.push(new Uint8Array(buffer))
      keptBytes += bytes
    },
  }
}

function lengthFor(leastBytes: number): number {
  if (leastBytes > LONGEST_KEPT_BYTES) return leastBytes
  let bytes = PIECE_BYTES
  while (bytes < leastBytes) bytes *= 2
  return bytes
}

/** Not cleared: nothing is handed out that has not been written. */
export function allocatePiece(bytes: number): Uint8Array<ArrayBuffer> {
  // As the plain class: code that meets two writes bytes slowly.
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer)
}
