/**
 * Memory for the columns that are made while one chunk is packed, over and over: chunks are many and short, and allocating took as long as
 * packing. What it gave is good until `begin`.
 */
export class Scratch {
  #buffer = new ArrayBuffer(FIRST_BYTES)
  #used = 0

  /** Another chunk: nothing that was given before is used any more. */
  begin(): void {
    this.#used = 0
  }

  /** Holds what it held before. */
  doubles(count: number): Float64Array<ArrayBuffer> {
    const at = this.#take(count * 8)
    return new Float64Array(this.#buffer, at, count)
  }

  /** Holds what it held before. */
  bytes(count: number): Uint8Array<ArrayBuffer> {
    const at = this.#take(count)
    return new Uint8Array(this.#buffer, at, count)
  }

  /** Holds zeros. */
  words(count: number): Int32Array<ArrayBuffer> {
    const at = this.#take(count * 4)
    return new Int32Array(this.#buffer, at, count).fill(0)
  }

  /** Holds what it held before. */
  shorts(count: number): Uint16Array<ArrayBuffer> {
    const at = this.#take(count * 2)
    return new Uint16Array(this.#buffer, at, count)
  }

  /** What was given of the buffer before stays as it is, as long as anybody uses it. */
  #take(byteCount: number): number {
    if (this.#used + byteCount > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(Math.max(this.#buffer.byteLength * 2, byteCount))
      this.#used = 0
    }
    const at = this.#used
    this.#used = (at + byteCount + 7) & -8
    return at
  }
}

const FIRST_BYTES = 64 * 1_024

/** One for all that is packed in a thread. */
export const scratch = new Scratch()
