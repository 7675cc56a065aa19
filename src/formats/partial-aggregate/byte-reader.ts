import { Buffer, isUtf8 } from 'node:buffer'
import { DamagedPartialError } from './damage.ts'
import {
  PLAIN_KIND,
  padded,
  SECTION_CODES,
  SECTION_HEADER_BYTES,
  type SectionName,
  type SectionSize,
  sectionBytes,
} from './layout.ts'

/**
 * Reads from the beginning to the end. The reading of a section is allowed once its whole length is known to be there;
 * the methods after that rely on it.
 */
export class ByteReader {
  readonly #view: DataView
  readonly #buffer: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#buffer.length
  }

  check(isRight: boolean, reason: string): void {
    if (!isRight) throw new DamagedPartialError(reason, this.#offset)
  }

  sectionHeader(section: SectionName): SectionSize {
    this.#need(SECTION_HEADER_BYTES)
    this.check(this.#uint8() === SECTION_CODES[section], `the section of ${section} is missing`)
    this.check(this.#uint8() === PLAIN_KIND, `${section} are written in a way not known here`)
    this.zeros(2)
    const size: SectionSize = { rows: this.uint32(), items: this.uint32(), textBytes: this.uint32() }
    this.check(
      size.items === 0 || section === 'sets' || section === 'timer sketches',
      `${section} have no items`,
    )
    this.check(size.textBytes === 0 || section === 'names' || section === 'sets', `${section} have no text`)
    this.#need(padded(sectionBytes(section, size)))
    return size
  }

  ascii(bytes: number): string {
    this.#offset += bytes
    return this.#buffer.toString('latin1', this.#offset - bytes, this.#offset)
  }

  uint16(): number {
    this.#offset += 2
    return this.#view.getUint16(this.#offset - 2, true)
  }

  uint32(): number {
    this.#offset += 4
    return this.#view.getUint32(this.#offset - 4, true)
  }

  float64(): number {
    this.#offset += 8
    return this.#view.getFloat64(this.#offset - 8, true)
  }

  uint32s(count: number): Uint32Array {
    const values = new Uint32Array(count)
    for (let i = 0; i < count; i++) values[i] = this.uint32()
    return values
  }

  int32s(count: number): Int32Array {
    return Int32Array.from(this.uint32s(count))
  }

  float64s(count: number): Float64Array {
    const values = new Float64Array(count)
    for (let i = 0; i < count; i++) values[i] = this.float64()
    return values
  }

  bytes(count: number): Uint8Array {
    this.#offset += count
    return new Uint8Array(this.#buffer.subarray(this.#offset - count, this.#offset))
  }

  int8s(count: number): Int8Array {
    return Int8Array.from(this.bytes(count))
  }

  /** Ends of `count` parts that fill 0 to `total`, so they never go back and the last is `total`. */
  ends(count: number, total: number): Uint32Array {
    const ends = this.uint32s(count)
    let before = 0
    for (const end of ends) {
      this.check(end >= before, 'a part ends before it begins')
      before = end
    }
    this.check(before === total, 'the parts do not fill the whole')
    return ends
  }

  /** Texts that lie one behind the other. */
  textBytes(ends: Uint32Array, textBytes: number): Uint8Array<ArrayBuffer> {
    const start = this.#offset
    const bytes = new Uint8Array(this.#buffer.subarray(start, start + textBytes))
    this.#offset += textBytes
    this.check(isUtf8(bytes), 'a text is not UTF-8')
    // All of it is UTF-8; a part is too unless the cut goes through a character.
    for (const end of ends)
      this.check(end === textBytes || !this.#isInsideCharacter(start + end), 'a character is cut in two')
    return bytes
  }

  texts(ends: Uint32Array, textBytes: number): string[] {
    const text = Buffer.from(this.textBytes(ends, textBytes).buffer)
    let before = 0
    return Array.from(ends, (end) => {
      const part = text.toString('utf8', before, end)
      before = end
      return part
    })
  }

  zeros(bytes: number): void {
    for (let i = 0; i < bytes; i++) this.check(this.#uint8() === 0, 'what must be zero is not')
  }

  pad(): void {
    this.zeros(padded(this.#offset) - this.#offset)
  }

  #uint8(): number {
    this.#offset += 1
    return this.#view.getUint8(this.#offset - 1)
  }

  #need(bytes: number): void {
    this.check(this.#offset + bytes <= this.#buffer.length, 'it is cut short')
  }

  #isInsideCharacter(offset: number): boolean {
    return ((this.#buffer[offset] ?? 0) & 0xc0) === 0x80
  }
}
