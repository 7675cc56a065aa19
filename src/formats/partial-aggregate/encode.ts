import { Buffer } from 'node:buffer'
import type { PartialAggregate } from '../../model/partial-aggregate.ts'
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
import { checksum } from './checksum.ts'

/** The bytes of a partial aggregate, in a buffer of their own that can be transferred to another thread. */
export function encodePartial(partial: PartialAggregate): Uint8Array<ArrayBuffer> {
  const { names, counters, gauges, timers, sets, timerSketches, setRegisters } = partial
  const sizes: Record<SectionName, SectionSize> = {
    names: { rows: names.ids.length, items: 0, textBytes: names.keyBytes.length },
    counters: { rows: counters.ids.length, items: 0, textBytes: 0 },
    gauges: { rows: gauges.ids.length, items: 0, textBytes: 0 },
    timers: { rows: timers.ids.length, items: 0, textBytes: 0 },
    sets: { rows: sets.ids.length, items: sets.members.length, textBytes: textBytes(sets.members) },
    'timer sketches': {
      rows: timerSketches.ids.length,
      items: timerSketches.bucketWeights.length,
      textBytes: 0,
    },
    'set registers': { rows: setRegisters.ids.length, items: 0, textBytes: 0 },
  }
  let lengthBytes = HEADER_BYTES
  for (const section of SECTIONS) {
    lengthBytes += SECTION_HEADER_BYTES + padded(sectionBytes(section, sizes[section]))
  }
  if (lengthBytes > 0xffff_ffff) throw new Error(`BUG: a partial aggregate of ${lengthBytes} bytes`)

  const writer = new ByteWriter(lengthBytes)
  writer.ascii(MAGIC)
  writer.uint16(VERSION)
  writer.uint16(0)
  writer.uint32(lengthBytes)
  writer.uint32(0) // the CRC, once all the rest stands
  writer.float64(partial.intervalEndMs)
  writer.uint32(SECTIONS.length)
  writer.uint32(0)

  writer.sectionHeader('names', sizes.names)
  for (let row = 0; row < names.ids.length; row++) writer.float64(names.idleSinceMs[row] ?? Number.NaN)
  writer.uint32s(names.ids)
  writer.uint32s(names.keyEnds)
  writer.bytes(names.types)
  writer.bytes(names.keyBytes)
  writer.pad()

  writer.sectionHeader('counters', sizes.counters)
  writer.float64s(counters.sums)
  writer.uint32s(counters.ids)
  writer.pad()

  writer.sectionHeader('gauges', sizes.gauges)
  writer.float64s(gauges.absolutes)
  writer.float64s(gauges.absoluteTimesMs)
  writer.float64s(gauges.deltas)
  writer.uint32s(gauges.ids)
  writer.pad()

  writer.sectionHeader('timers', sizes.timers)
  writer.float64s(timers.values)
  writer.float64s(timers.weights)
  writer.uint32s(timers.ids)
  writer.pad()

  writer.sectionHeader('sets', sizes.sets)
  writer.uint32s(sets.ids)
  writer.uint32s(sets.offsets.subarray(1))
  writer.textEnds(sets.members)
  writer.texts(sets.members)
  writer.pad()

  writer.sectionHeader('timer sketches', sizes['timer sketches'])
  writer.float64s(timerSketches.valueCounts)
  writer.float64s(timerSketches.weightedCounts)
  writer.float64s(timerSketches.sums)
  writer.float64s(timerSketches.sumsSquares)
  writer.float64s(timerSketches.squaredDifferences)
  writer.float64s(timerSketches.lowers)
  writer.float64s(timerSketches.uppers)
  writer.float64s(timerSketches.zeroWeights)
  writer.float64s(timerSketches.bucketWeights)
  writer.uint32s(timerSketches.ids)
  writer.int32s(timerSketches.runFirsts)
  writer.uint32s(timerSketches.runEnds)
  writer.int8s(timerSketches.scales)
  writer.bytes(timerSketches.isWeighted)
  writer.pad()

  writer.sectionHeader('set registers', sizes['set registers'])
  writer.uint32s(setRegisters.ids)
  writer.bytes(setRegisters.registers)
  writer.pad()

  return writer.finish()
}

function textBytes(texts: readonly string[]): number {
  let bytes = 0
  for (const text of texts) bytes += Buffer.byteLength(text)
  return bytes
}

/** Fills one buffer from its beginning. New memory is zero, so padding is a step. */
class ByteWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #buffer: Buffer
  #offset = 0

  constructor(lengthBytes: number) {
    this.#bytes = new Uint8Array(lengthBytes)
    this.#view = new DataView(this.#bytes.buffer)
    this.#buffer = Buffer.from(this.#bytes.buffer)
  }

  ascii(text: string): void {
    this.#offset += this.#buffer.write(text, this.#offset, 'latin1')
  }

  uint8(value: number): void {
    this.#view.setUint8(this.#offset, value)
    this.#offset += 1
  }

  uint16(value: number): void {
    this.#view.setUint16(this.#offset, value, true)
    this.#offset += 2
  }

  uint32(value: number): void {
    this.#view.setUint32(this.#offset, value, true)
    this.#offset += 4
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#offset, value, true)
    this.#offset += 8
  }

  bytes(values: Uint8Array): void {
    this.#bytes.set(values, this.#offset)
    this.#offset += values.length
  }

  uint32s(values: Uint32Array): void {
    for (const value of values) this.uint32(value)
  }

  float64s(values: Float64Array): void {
    for (const value of values) this.float64(value)
  }

  int32s(values: Int32Array): void {
    this.uint32s(new Uint32Array(values.buffer, values.byteOffset, values.length))
  }

  int8s(values: Int8Array): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.length))
  }

  /** Where each text ends, counted from the beginning of the first. */
  textEnds(texts: readonly string[]): void {
    let end = 0
    for (const text of texts) {
      end += Buffer.byteLength(text)
      this.uint32(end)
    }
  }

  texts(texts: readonly string[]): void {
    for (const text of texts) this.#offset += this.#buffer.write(text, this.#offset)
  }

  sectionHeader(section: SectionName, size: SectionSize): void {
    this.uint8(SECTION_CODES[section])
    this.uint8(PLAIN_KIND)
    this.uint16(0)
    this.uint32(size.rows)
    this.uint32(size.items)
    this.uint32(size.textBytes)
  }

  pad(): void {
    this.#offset = padded(this.#offset)
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#offset !== this.#bytes.length) {
      throw new Error(`BUG: wrote ${this.#offset} of ${this.#bytes.length} bytes`)
    }
    this.#view.setUint32(CRC_OFFSET, checksum(this.#bytes), true)
    return this.#bytes
  }
}
