/**
 * Writes Protocol Buffers' wire format (see ProtobufReader). `message` takes what writes the fields of the inner message; its length is put
 * in front of it afterwards. Each method writes a field, also one that has its default value: leave it out where that says the same.
 */
export class ProtobufWriter {
  #bytes: Buffer
  #length = 0

  constructor(bytes = 4_096) {
    this.#bytes = Buffer.allocUnsafe(bytes)
  }

  /** How much has been written. */
  get length(): number {
    return this.#length
  }

  /** A copy: the writer can be used again. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }

  /** `uint64`, `uint32` or an `enum`: a whole number up to 2^53. */
  uint(field: number, value: number): void {
    this.#reserve(2 * MOST_VARINT_BYTES)
    this.#varint(field * 8 + VARINT)
    this.#varint(value)
  }

  /** `int64` or `int32`: a whole number within 2^53. */
  int(field: number, value: number): void {
    if (value >= 0) return this.uint(field, value)
    this.#reserve(2 * MOST_VARINT_BYTES)
    this.#varint(field * 8 + VARINT)
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
    this.#bytes[this.#length++] = Number(rest)
  }

  /** `sint64` or `sint32`: a whole number within 2^52. */
  sint(field: number, value: number): void {
    this.uint(field, value >= 0 ? value * 2 : -value * 2 - 1)
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0)
  }

  double(field: number, value: number): void {
    this.#reserve(MOST_VARINT_BYTES + 8)
    this.#varint(field * 8 + FIXED64)
    this.#length = this.#bytes.writeDoubleLE(value, this.#length)
  }

  fixed64(field: number, value: bigint): void {
    this.#reserve(MOST_VARINT_BYTES + 8)
    this.#varint(field * 8 + FIXED64)
    this.#length = this.#bytes.writeBigUInt64LE(value, this.#length)
  }

  /** A lone surrogate becomes U+FFFD. */
  text(field: number, value: string): void {
    // Nearly all text is short: its length takes one byte, which is known only afterwards.
    const most = value.length * 3
    this.#reserve(2 * MOST_VARINT_BYTES + most)
    this.#varint(field * 8 + LENGTH)
    const byteLength = most < 0x80 ? most : Buffer.byteLength(value)
    const start = this.#length
    this.#varint(byteLength)
    const written = this.#bytes.write(value, this.#length)
    if (written !== byteLength) this.#bytes[start] = written
    this.#length += written
  }

  bytes(field: number, value: Uint8Array): void {
    this.#reserve(2 * MOST_VARINT_BYTES + value.length)
    this.#varint(field * 8 + LENGTH)
    this.#varint(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  message(field: number, write: () => void): void {
    this.#reserve(MOST_VARINT_BYTES)
    this.#varint(field * 8 + LENGTH)
    this.delimited(write)
  }

  /** A message that is no field: its length, and what `write` writes. */
  delimited(write: () => void): void {
    this.#reserve(MOST_VARINT_BYTES)
    const lengthAt = this.#length++
    write()
    const length = this.#length - lengthAt - 1
    // One byte was left for it, which is enough for most.
    if (length >= 0x80) {
      const moreBytes = varintBytes(length) - 1
      this.#reserve(moreBytes)
      this.#bytes.copyWithin(lengthAt + 1 + moreBytes, lengthAt + 1, this.#length)
      this.#length += moreBytes
    }
    const end = this.#length
    this.#length = lengthAt
    this.#varint(length)
    this.#length = end
  }

  /** A packed list; nothing for none. */
  doubles(field: number, values: ArrayLike<number>): void {
    if (values.length === 0) return
    this.#reserve(2 * MOST_VARINT_BYTES + values.length * 8)
    this.#varint(field * 8 + LENGTH)
    this.#varint(values.length * 8)
    for (let i = 0; i < values.length; i++)
      this.#length = this.#bytes.writeDoubleLE(values[i] as number, this.#length)
  }

  /** A packed list of whole numbers up to 2^53; nothing for none. */
  fixed64s(field: number, values: ArrayLike<number>): void {
    if (values.length === 0) return
    this.#reserve(2 * MOST_VARINT_BYTES + values.length * 8)
    this.#varint(field * 8 + LENGTH)
    this.#varint(values.length * 8)
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number
      this.#length = this.#bytes.writeUInt32LE(value % 2 ** 32, this.#length)
      this.#length = this.#bytes.writeUInt32LE(Math.floor(value / 2 ** 32), this.#length)
    }
  }

  /** As `fixed64s`, each number in as few bytes as it takes. */
  uints(field: number, values: ArrayLike<number>): void {
    if (values.length === 0) return
    this.message(field, () => {
      this.#reserve(values.length * MOST_VARINT_BYTES)
      for (let i = 0; i < values.length; i++) this.#varint(values[i] as number)
    })
  }

  /** A packed list of whole numbers within 2^52; nothing for none. */
  sints(field: number, values: readonly number[]): void {
    this.uints(
      field,
      values.map((value) => (value >= 0 ? value * 2 : -value * 2 - 1)),
    )
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  #varint(value: number): void {
    let rest = value
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80
    this.#bytes[this.#length++] = rest
  }
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++
  return bytes
}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const MOST_VARINT_BYTES = 10
