/**
 * How many lines a server that cuts at LF finds, in a stream that comes in pieces: empty ones are none, one CR in front of LF
 * belongs to the line's end, and what stands behind the last LF is a line once the stream has ended. It shares no code
 * with the product, which it is to be compared with.
 */
export class LineCounter {
  #lines = 0
  /** Of the line that is open: its bytes, and whether the last of them is CR. */
  #openBytes = 0
  #endsWithCr = false

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === LINE_FEED) {
        this.#close()
      } else {
        this.#openBytes++
        this.#endsWithCr = byte === CARRIAGE_RETURN
      }
    }
  }

  /** To be asked once, at the end of the stream. */
  end(): number {
    this.#close()
    return this.#lines
  }

  #close(): void {
    if (this.#openBytes > (this.#endsWithCr ? 1 : 0)) this.#lines++
    this.#openBytes = 0
    this.#endsWithCr = false
  }
}

/** The lines of a datagram or a frame, which stands alone. */
export function countLines(bytes: Uint8Array): number {
  const counter = new LineCounter()
  counter.push(bytes)
  return counter.end()
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
