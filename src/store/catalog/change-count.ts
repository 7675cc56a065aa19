/** How often a catalog has changed, in memory that all threads share: what was looked up since the last time still holds. */
export class ChangeCount {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  /** Before the change itself, so that nobody who sees the number can have missed what it stands for. */
  add(): void {
    Atomics.add(this.#words, 0, 1)
  }

  get value(): number {
    return Atomics.load(this.#words, 0)
  }
}
