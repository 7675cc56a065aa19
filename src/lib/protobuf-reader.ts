/**
 * Protocol Buffers' wire format, read field by field by whoever knows the schema. A message is a run of fields, in any order, those that
 * nobody knows among them:
 *
 *   0a 03 61 62 63    field 1, of 3 bytes: a text, bytes, a message or packed numbers
 *   ^^ ^^ ^^^^^^^^
 *   |  length
 *   tag: field << 3 | wire type
 *
 * Nothing is copied but text, and no length is believed before so many bytes are known to be there.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #at: number
  /** Of the field that `next` went to. */
  field = 0
  #wireType = 0

  /** `view` is of the same bytes: a message in a message needs none of its own. */
  constructor(
    bytes: Uint8Array,
    start = 0,
    end = bytes.length,
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  ) {
    this.#bytes = bytes
    this.#view = view
    this.#at = start
    this.#end = end
  }

  /** Goes to the next field, whose value is to be read, or skipped, before the one after it. False: there is none. */
  next(): boolean {
    if (this.#at === this.#end) return false
    const tag = this.#varint()
    this.field = Math.floor(tag / 8)
    this.#wireType = tag % 8
    if (this.field === 0 || tag > MOST_TAG) throw new ProtobufError('a field has no number')
    return true
  }

  skip(): void {
    switch (this.#wireType) {
      case VARINT:
        this.#varint()
        return
      case FIXED64:
        this.#advance(8)
        return
      case LENGTH:
        this.#advance(this.#length())
        return
      case FIXED32:
        this.#advance(4)
        return
      default:
        throw new ProtobufError(`a field is of wire type ${this.#wireType}`)
    }
  }

  /** `uint64`, `uint32` or an `enum`. Past 2^53 the nearest double. */
  uint(): number {
    this.#expect(VARINT)
    return this.#varint()
  }

  /** `int64` or `int32`. Past 2^53 the nearest double. */
  int(): number {
    this.#expect(VARINT)
    return this.#signedVarint()
  }

  /** `sint32` or `sint64`. Past 2^53 the nearest double. */
  sint(): number {
    this.#expect(VARINT)
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  bool(): boolean {
    this.#expect(VARINT)
    return this.#varint() !== 0
  }

  double(): number {
    this.#expect(FIXED64)
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** Past 2^53 the nearest double. */
  fixed64(): number {
    this.#expect(FIXED64)
    return this.#fixed64()
  }

  /** Past 2^53 the nearest double. */
  sfixed64(): number {
    this.#expect(FIXED64)
    const at = this.#advance(8)
    return this.#view.getInt32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true)
  }

  /** A double's eight bytes as they are: which NaN it is may mean something. */
  doubleBits(): bigint {
    this.#expect(FIXED64)
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  fixed32(): number {
    this.#expect(FIXED32)
    return this.#view.getUint32(this.#advance(4), true)
  }

  /** What is not UTF-8 in it becomes U+FFFD. */
  text(): string {
    const { start, end } = this.#span()
    return TEXT.decode(this.#bytes.subarray(start, end))
  }

  /** Not a copy. */
  bytes(): Uint8Array {
    const { start, end } = this.#span()
    return this.#bytes.subarray(start, end)
  }

  message(): ProtobufReader {
    const { start, end } = this.#span()
    return new ProtobufReader(this.#bytes, start, end, this.#view)
  }

  /** The same fields, from where this one stands. */
  clone(): ProtobufReader {
    return new ProtobufReader(this.#bytes, this.#at, this.#end, this.#view)
  }

  /** Appends the values of a repeated field: packed they come together, otherwise one by one. */
  doubles(into: number[]): void {
    this.#repeated(into, FIXED64, () => this.#view.getFloat64(this.#advance(8), true))
  }

  fixed64s(into: number[]): void {
    this.#repeated(into, FIXED64, () => this.#fixed64())
  }

  uints(into: number[]): void {
    this.#repeated(into, VARINT, () => this.#varint())
  }

  sints(into: number[]): void {
    this.#repeated(into, VARINT, () => {
      const value = this.#varint()
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    })
  }

  #repeated(into: number[], wireType: number, read: () => number): void {
    if (this.#wireType !== LENGTH) {
      this.#expect(wireType)
      into.push(read())
      return
    }
    const end = this.#length() + this.#at
    while (this.#at < end) into.push(read())
    if (this.#at !== end) throw new ProtobufError('a list ends inside a number')
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType)
      throw new ProtobufError(`field ${this.field} is of wire type ${this.#wireType}`)
  }

  #span(): { readonly start: number; readonly end: number } {
    this.#expect(LENGTH)
    const length = this.#length()
    const start = this.#advance(length)
    return { start, end: start + length }
  }

  #length(): number {
    const length = this.#varint()
    if (length > this.#end - this.#at) throw new ProtobufError('it is cut short')
    return length
  }

  /** Returns where it stood before. */
  #advance(count: number): number {
    const at = this.#at
    if (count > this.#end - at) throw new ProtobufError('it is cut short')
    this.#at = at + count
    return at
  }

  #fixed64(): number {
    const at = this.#advance(8)
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true)
  }

  #varint(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < MOST_VARINT_BYTES; count++) {
      if (this.#at >= this.#end) throw new ProtobufError('it is cut short')
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new ProtobufError('a number has more than ten bytes')
  }

  /** Negative numbers are written as 2^64 more, where a double has no last digits any more. */
  #signedVarint(): number {
    let low = 0n
    let shift = 0n
    for (let count = 0; count < MOST_VARINT_BYTES; count++) {
      if (this.#at >= this.#end) throw new ProtobufError('it is cut short')
      const byte = this.#bytes[this.#at++] as number
      low |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, low))
      shift += 7n
    }
    throw new ProtobufError('a number has more than ten bytes')
  }
}

/** What was read is no message, or none of this schema. */
export class ProtobufError extends Error {}

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const MOST_VARINT_BYTES = 10
const MOST_TAG = 2 ** 32 - 1
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true })
