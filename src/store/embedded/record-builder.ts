import { crc32 } from 'node:zlib'
import { release } from '../../lib/grow.ts'
import { allocateRecordMemory, RECORD_HEADER_BYTES, type RecordMemory } from './record.ts'
import type { Mark } from './segment-file.ts'

const FIRST_BYTES = 4_096
/** So many times what batches took lately is kept for the next. */
const MOST_TIMES_KEPT = 4
const LEAST_KEPT_BYTES = 1_024 * 1_024
/** What a large batch took is lately for some ten batches. */
const KEPT_FROM_BATCH_TO_BATCH = 0.9

/**
 * Puts records together in one growing buffer, to be written at once. A record is begun, filled and ended; everything
 * put into it takes a multiple of 8 bytes, but for `word`, which is used in pairs.
 */
export class RecordBuilder {
  #mark: Mark = { low: 0, high: 0 }
  #nextOrdinal = 0
  #memory: RecordMemory = allocateRecordMemory(FIRST_BYTES)
  /** The same memory. */
  #text = Buffer.from(this.#memory.bytes.buffer)
  #length = 0
  #recordStart = 0
  #lateBytes = 0

  /** Forgets the records so far. The next one is of a segment with this mark, and has this ordinal. */
  restart(mark: Mark, nextOrdinal: number): void {
    this.#lateBytes = Math.max(this.#length, this.#lateBytes * KEPT_FROM_BATCH_TO_BATCH)
    const mostKeptBytes = Math.max(LEAST_KEPT_BYTES, this.#lateBytes * MOST_TIMES_KEPT)
    if (this.#memory.bytes.length > mostKeptBytes) this.#use(allocateRecordMemory(FIRST_BYTES))
    this.#mark = mark
    this.#length = 0
    this.#nextOrdinal = nextOrdinal
  }

  /** Gives back the memory of a large batch. All records are forgotten. */
  giveBack(): void {
    this.#length = 0
    if (this.#memory.bytes.length > LEAST_KEPT_BYTES) this.#use(allocateRecordMemory(FIRST_BYTES))
  }

  get nextOrdinal(): number {
    return this.#nextOrdinal
  }

  /** All records ended so far; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#memory.bytes.subarray(0, this.#length)
  }

  begin(kind: number): void {
    this.#recordStart = this.#length
    this.#reserve(RECORD_HEADER_BYTES)
    const word = this.#length / 4
    this.#memory.words[word] = this.#mark.low
    this.#memory.words[word + 1] = this.#mark.high
    this.#memory.words[word + 4] = this.#nextOrdinal++
    this.#memory.words[word + 5] = kind
    this.#length += RECORD_HEADER_BYTES
  }

  end(): void {
    const word = this.#recordStart / 4
    this.#memory.words[word + 3] = this.#length - this.#recordStart - RECORD_HEADER_BYTES
    this.#memory.words[word + 2] = crc32(this.#memory.bytes.subarray(this.#recordStart + 12, this.#length))
  }

  word(value: number): void {
    this.#reserve(4)
    this.#memory.words[this.#length / 4] = value
    this.#length += 4
  }

  double(value: number): void {
    this.#reserve(8)
    this.#memory.doubles[this.#length / 8] = value
    this.#length += 8
  }

  words(values: Uint32Array): void {
    this.#reserve(values.byteLength)
    this.#memory.words.set(values, this.#length / 4)
    this.#advance(values.byteLength)
  }

  doubles(values: Float64Array): void {
    this.#reserve(values.byteLength)
    this.#memory.doubles.set(values, this.#length / 8)
    this.#length += values.byteLength
  }

  /** Texts one behind the other. Answers how many bytes each of them took. */
  texts(first: string, second: string, encoding: 'utf8' | 'utf16le'): { first: number; second: number } {
    // No character takes more in either encoding.
    this.#reserve((first.length + second.length) * 3)
    const firstBytes = this.#text.write(first, this.#length, encoding)
    const secondBytes = this.#text.write(second, this.#length + firstBytes, encoding)
    this.#advance(firstBytes + secondBytes)
    return { first: firstBytes, second: secondBytes }
  }

  /** Changes a word that was put in before, so many bytes behind the begin of the records. */
  change(offsetBytes: number, value: number): void {
    this.#memory.words[offsetBytes / 4] = value
  }

  /** Bytes of all records so far. */
  get length(): number {
    return this.#length
  }

  /** Steps over what was put in and fills up to a multiple of 8 with zeros. */
  #advance(byteCount: number): void {
    const end = this.#length + byteCount
    this.#length = Math.ceil(end / 8) * 8
    this.#memory.bytes.fill(0, end, this.#length)
  }

  #reserve(byteCount: number): void {
    const needed = Math.ceil((this.#length + byteCount) / 8) * 8
    if (needed <= this.#memory.bytes.length) return
    const grown = allocateRecordMemory(Math.max(needed, this.#memory.bytes.length * 2))
    grown.bytes.set(this.#memory.bytes.subarray(0, this.#length))
    this.#use(grown)
  }

  #use(memory: RecordMemory): void {
    release(this.#memory.bytes)
    this.#memory = memory
    this.#text = Buffer.from(memory.bytes.buffer)
  }
}
