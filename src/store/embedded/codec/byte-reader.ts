import { DamagedBytes } from './damaged-bytes.ts'

/** Reads what a ByteWriter wrote, and throws DamagedBytes where it cannot have. */
export class ByteReader {
  readonly #bytes: Uint8Array
  /** Made when it is needed: most streams of a group are taken in whole. */
  #view: DataView | undefined
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.#position
  }

  byte(): number {
    this.#require(1)
    return this.#bytes[this.#position++] ?? 0
  }

  word(): number {
    this.#require(4)
    this.#position += 4
    return this.#words().getUint32(this.#position - 4, true)
  }

  double(): number {
    this.#require(8)
    this.#position += 8
    return this.#words().getFloat64(this.#position - 8, true)
  }

  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) {
        if (value > 2 ** 53) break
        return value
      }
    }
    throw new DamagedBytes('a number is too long')
  }

  signedVarint(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** A number of things of which there are no more than `most`. */
  count(most: number): number {
    const value = this.varint()
    if (value > most) throw new DamagedBytes(`${value} where there can be ${most}`)
    return value
  }

  /** The bytes themselves, not a copy. */
  take(count: number): Uint8Array {
    this.#require(count)
    this.#position += count
    return this.#bytes.subarray(this.#position - count, this.#position)
  }

  /** There must be nothing left. */
  end(): void {
    if (this.remaining !== 0) throw new DamagedBytes(`${this.remaining} bytes too many`)
  }

  #words(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength)
    return this.#view
  }

  #require(count: number): void {
    if (count > this.remaining) throw new DamagedBytes('they end too early')
  }
}
