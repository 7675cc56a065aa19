import { Buffer, isUtf8 } from 'node:buffer'
import type {
  CounterColumns,
  GaugeColumns,
  NameColumns,
  PartialAggregate,
  SetColumns,
  TimerColumns,
} from '../../model/partial-aggregate.ts'
import { METRIC_TYPES } from '../../model/sample.ts'
import { checksum } from './checksum.ts'
import {
  CRC_OFFSET,
  HEADER_BYTES,
  MAGIC,
  PLAIN_KIND,
  padded,
  SECTION_CODES,
  SECTION_HEADER_BYTES,
  SECTIONS,
  type SectionName,
  type SectionSize,
  sectionBytes,
  VERSION,
} from './layout.ts'

/** The bytes are no partial aggregate that this Kymo reads. */
export class DamagedPartialError extends Error {
  /** What is wrong, for a log line: `the checksum does not match`. */
  readonly reason: string
  /** Where it was noticed. */
  readonly offsetBytes: number

  constructor(reason: string, offsetBytes: number) {
    super(`${reason} (at byte ${offsetBytes})`)
    this.name = 'DamagedPartialError'
    this.reason = reason
    this.offsetBytes = offsetBytes
  }
}

/**
 * Reads a partial aggregate out of bytes that anyone may have written. Copies all it returns; no number in the bytes
 * makes it allocate more than a few times their length. Throws DamagedPartialError, nothing else.
 */
export function decodePartial(bytes: Uint8Array): PartialAggregate {
  if (bytes.length < HEADER_BYTES) throw new DamagedPartialError('it is cut short', bytes.length)
  const reader = new ByteReader(bytes)
  if (reader.ascii(MAGIC.length) !== MAGIC) throw new DamagedPartialError('it does not begin as one', 0)
  const version = reader.uint16()
  if (version !== VERSION) throw new DamagedPartialError(`it is of version ${version}`, 4)
  reader.zeros(2)
  const lengthBytes = reader.uint32()
  if (lengthBytes !== bytes.length) {
    throw new DamagedPartialError(`it is ${bytes.length} bytes long and says ${lengthBytes}`, 8)
  }
  if (reader.uint32() !== checksum(bytes)) {
    throw new DamagedPartialError('the checksum does not match', CRC_OFFSET)
  }
  const intervalEndMs = reader.float64()
  reader.check(Number.isSafeInteger(intervalEndMs) && intervalEndMs >= 0, 'the interval end is no time')
  reader.check(reader.uint32() === SECTIONS.length, 'the number of sections is wrong')
  reader.zeros(4)

  const partial: PartialAggregate = {
    intervalEndMs,
    names: readNames(reader),
    counters: readCounters(reader),
    gauges: readGauges(reader),
    timers: readTimers(reader),
    sets: readSets(reader),
  }
  reader.check(reader.isAtEnd, 'something follows the last section')
  return partial
}

function readNames(reader: ByteReader): NameColumns {
  const { rows, textBytes } = reader.sectionHeader('names')
  const idleSinceMs = reader.float64s(rows)
  reader.check(idleSinceMs.every(isTimeOrNone), 'an idle time is no time')
  const ids = reader.uint32s(rows)
  const keyEnds = reader.ends(rows, textBytes)
  const types = reader.bytes(rows)
  reader.check(
    types.every((type) => type < METRIC_TYPES.length),
    'there is no such metric type',
  )
  const keyBytes = reader.textBytes(keyEnds, textBytes)
  reader.pad()
  return {
    ids,
    types,
    idleSinceMs: idleSinceMs.every(Number.isNaN) ? NONE_IDLE : idleSinceMs,
    keyEnds,
    keyBytes,
  }
}

const NONE_IDLE = new Float64Array(0)

function readCounters(reader: ByteReader): CounterColumns {
  const { rows } = reader.sectionHeader('counters')
  const sums = reader.float64s(rows)
  reader.check(sums.every(Number.isFinite), 'a sum is not finite')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, sums }
}

function readGauges(reader: ByteReader): GaugeColumns {
  const { rows } = reader.sectionHeader('gauges')
  const absolutes = reader.float64s(rows)
  reader.check(absolutes.every(isFiniteOrNone), 'a gauge is not finite')
  const absoluteTimesMs = reader.float64s(rows)
  reader.check(absoluteTimesMs.every(isTime), 'the time of a gauge is no time')
  const deltas = reader.float64s(rows)
  reader.check(deltas.every(Number.isFinite), 'a delta is not finite')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, absolutes, absoluteTimesMs, deltas }
}

function readTimers(reader: ByteReader): TimerColumns {
  const { rows } = reader.sectionHeader('timers')
  const values = reader.float64s(rows)
  reader.check(values.every(Number.isFinite), 'a timer value is not finite')
  const weights = reader.float64s(rows)
  reader.check(weights.every(isWeight), 'a weight is not finite or less than 1')
  const ids = reader.uint32s(rows)
  reader.pad()
  return { ids, values, weights }
}

function readSets(reader: ByteReader): SetColumns {
  const { rows, items, textBytes } = reader.sectionHeader('sets')
  const ids = reader.uint32s(rows)
  const offsets = offsetsOf(reader.ends(rows, items))
  const members = reader.texts(reader.ends(items, textBytes), textBytes)
  reader.pad()
  return { ids, offsets, members }
}

function offsetsOf(ends: Uint32Array): Uint32Array {
  const offsets = new Uint32Array(ends.length + 1)
  offsets.set(ends, 1)
  return offsets
}

function isTime(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}

function isTimeOrNone(value: number): boolean {
  return Number.isNaN(value) || isTime(value)
}

function isFiniteOrNone(value: number): boolean {
  return Number.isNaN(value) || Number.isFinite(value)
}

function isWeight(value: number): boolean {
  return Number.isFinite(value) && value >= 1
}

/**
 * Reads from the beginning to the end. The reading of a section is allowed once its whole length is known to be there;
 * the methods after that rely on it.
 */
class ByteReader {
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
    this.check(size.items === 0 || section === 'sets', `${section} have no items`)
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

  float64s(count: number): Float64Array {
    const values = new Float64Array(count)
    for (let i = 0; i < count; i++) values[i] = this.float64()
    return values
  }

  bytes(count: number): Uint8Array {
    this.#offset += count
    return new Uint8Array(this.#buffer.subarray(this.#offset - count, this.#offset))
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
