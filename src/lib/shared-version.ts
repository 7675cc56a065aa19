/** A number that goes up whenever something changes, in memory that other threads see. */
export class SharedVersion {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
  }

  get value(): number {
    return Atomics.load(this.#words, 0)
  }

  raise(): void {
    Atomics.add(this.#words, 0, 1)
  }
}
