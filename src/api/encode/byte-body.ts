import { KymoError } from '../../telemetry/errors.ts'

const FIRST_BYTES = 1024

/**
 * The bytes of an answer that is no text, while it is written. Throws the KymoError `answer-too-large` past its limit.
 * The bytes handed out own their memory: they may be transferred to another thread.
 */
export class ByteBody {
  readonly #maxBytes: number
  #bytes = Buffer.alloc(FIRST_BYTES)
  #length = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  unsigned(value: number, byteCount: 1 | 2 | 4, order: ByteOrder): void {
    this.#reserve(byteCount)
    if (order === 'big') this.#bytes.writeUIntBE(value, this.#length, byteCount)
    else this.#bytes.writeUIntLE(value, this.#length, byteCount)
    this.#length += byteCount
  }

  signed(value: bigint, order: ByteOrder): void {
    this.#reserve(8)
    if (order === 'big') this.#bytes.writeBigInt64BE(value, this.#length)
    else this.#bytes.writeBigInt64LE(value, this.#length)
    this.#length += 8
  }

  /** Most significant byte first, as both pickle and MessagePack have it. */
  double(value: number): void {
    this.#reserve(8)
    this.#length = this.#bytes.writeDoubleBE(value, this.#length)
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#length))
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount
    if (needed > this.#maxBytes) throw new KymoError('answer-too-large', { limit: this.#maxBytes })
    if (needed <= this.#bytes.length) return
    const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

type ByteOrder = 'big' | 'little'
