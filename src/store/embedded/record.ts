import { crc32 } from 'node:zlib'
import type { Mark } from './segment-file.ts'

/**
 * A record is the unit of writing and of damage. Records follow each other without gaps; each is a multiple of
 * 8 bytes long, so that its columns can be read where they lie.
 *
 *    0  mark           8 B   the segment's
 *    8  checksum       u32   CRC-32 of everything behind it: bytes 12 to the end
 *   12  payload bytes  u32   a multiple of 8
 *   16  ordinal        u32   0, 1, 2, ... within the segment: a record lost or doubled shows
 *   20  kind           u32
 *   24  payload
 */
export const RECORD_HEADER_BYTES = 24

/** Others are skipped. Kymo once closed full segments with records of kinds 5 and 6, which say nothing that is not said before. */
export const RECORD_KIND = {
  /** Numbers of series, introduced before they are used. */
  series: 1,
  /** One whole interval: one time, many series. */
  flush: 2,
  /** Points with times of their own. */
  points: 3,
  /** What was written before in this range is gone. */
  delete: 4,
} as const

/** No record is longer. What says so about itself is damaged. */
export const MAX_RECORD_BYTES = 64 * 1_024 * 1_024

/** Bytes of a file with records in them, and the same memory as words and doubles. The memory begins a record. */
export interface RecordMemory {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly doubles: Float64Array
}

/** A record where it lies. One object is used over and over: copy what you keep. */
export interface RecordView {
  memory: RecordMemory
  kind: number
  ordinal: number
  /** Where the record begins in its file, and how long it is with its header. */
  fileOffset: number
  recordBytes: number
  /** Where its payload begins in `memory`, and how long that is. Both multiples of 8. */
  payloadOffset: number
  payloadBytes: number
}

export function allocateRecordMemory(byteCount: number): RecordMemory {
  return recordMemoryOf(new ArrayBuffer(Math.ceil(byteCount / 8) * 8))
}

export function recordMemoryOf(buffer: ArrayBuffer): RecordMemory {
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    doubles: new Float64Array(buffer),
  }
}

export type RecordCheck = 'whole' | 'incomplete' | 'damaged'

/**
 * Looks at what begins at `offset` of the memory, of which the first `available` bytes count, and fills `view`.
 * `incomplete`: it goes on behind them; `view.recordBytes` says how far, if the header is there, and is 0 if not.
 */
export function checkRecord(
  view: RecordView,
  memory: RecordMemory,
  bounds: { readonly offset: number; readonly available: number },
  mark: Mark,
): RecordCheck {
  const { offset, available } = bounds
  const word = offset / 4
  view.recordBytes = 0
  if (offset + RECORD_HEADER_BYTES > available) return 'incomplete'
  if (memory.words[word] !== mark.low || memory.words[word + 1] !== mark.high) return 'damaged'
  const payloadBytes = memory.words[word + 3] ?? 0
  if (payloadBytes % 8 !== 0 || payloadBytes > MAX_RECORD_BYTES) return 'damaged'
  view.recordBytes = RECORD_HEADER_BYTES + payloadBytes
  const end = offset + view.recordBytes
  if (end > available) return 'incomplete'
  if (crc32(memory.bytes.subarray(offset + 12, end)) !== memory.words[word + 2]) return 'damaged'
  view.memory = memory
  view.ordinal = memory.words[word + 4] ?? 0
  view.kind = memory.words[word + 5] ?? 0
  view.payloadOffset = offset + RECORD_HEADER_BYTES
  view.payloadBytes = payloadBytes
  return 'whole'
}

export function createRecordView(): RecordView {
  return {
    memory: allocateRecordMemory(0),
    kind: 0,
    ordinal: 0,
    fileOffset: 0,
    recordBytes: 0,
    payloadOffset: 0,
    payloadBytes: 0,
  }
}
