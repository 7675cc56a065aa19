import { crc32 } from 'node:zlib'
import { type EncodedParcel, PARCEL_KINDS, type ParcelKind } from './parcel-codec.ts'

/** What lies around the parcels in a segment, and the file beside them: docs/formats/spool.md. */
const SEGMENT_MARK = 'KYMO SPL'
const POSITION_MARK = 'KYMO POS'
const VERSION = 1
export const SEGMENT_HEADER_BYTES = 24
export const RECORD_HEADER_BYTES = 24
export const POSITION_BYTES = 24
/** No parcel is longer, packed or not; whatever says so is damage. */
export const MOST_PAYLOAD_BYTES = 1024 ** 3

export function encodeSegmentHeader(number: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.write(SEGMENT_MARK, 0, 'latin1')
  header.writeUInt32LE(VERSION, 8)
  header.writeUInt32LE(number, 12)
  return seal(header)
}

/** What is wrong with it; undefined: nothing. */
export function findHeaderProblem(header: Buffer | undefined, number: number): string | undefined {
  if (header === undefined) return 'it is shorter than its header'
  if (header.toString('latin1', 0, 8) !== SEGMENT_MARK) return 'it is no segment of a spool'
  if (!isSealed(header)) return 'its header is damaged'
  const version = header.readUInt32LE(8)
  if (version !== VERSION) return `it is of version ${version}, and this Kymo reads version ${VERSION}`
  if (header.readUInt32LE(12) !== number) return 'it has the name of another'
  return undefined
}

export interface RecordHeader {
  readonly kind: ParcelKind
  readonly introducesSeries: boolean
  readonly points: number
  readonly rawBytes: number
  readonly payloadBytes: number
  readonly payloadCrc: number
}

/** Header and payload. */
export function encodeRecord(parcel: EncodedParcel, points: number): Buffer {
  const { kind, introducesSeries, rawBytes, payload } = parcel
  const header = Buffer.alloc(RECORD_HEADER_BYTES)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(rawBytes, 4)
  header.writeUInt32LE(points, 8)
  header.writeUInt8(PARCEL_KINDS.indexOf(kind) + 1, 12)
  header.writeUInt8(introducesSeries ? 1 : 0, 13)
  header.writeUInt32LE(crc32(payload), 16)
  return Buffer.concat([seal(header), payload])
}

/** undefined: it is none. */
export function decodeRecordHeader(header: Buffer): RecordHeader | undefined {
  const kind = PARCEL_KINDS[header.readUInt8(12) - 1]
  const payloadBytes = header.readUInt32LE(0)
  const rawBytes = header.readUInt32LE(4)
  if (!isSealed(header) || kind === undefined) return undefined
  if (Math.max(payloadBytes, rawBytes) > MOST_PAYLOAD_BYTES) return undefined
  return {
    kind,
    introducesSeries: header.readUInt8(13) === 1,
    points: header.readUInt32LE(8),
    rawBytes,
    payloadBytes,
    payloadCrc: header.readUInt32LE(16),
  }
}

/** All before `offset` in this segment has been delivered. */
export interface SpoolPosition {
  readonly segment: number
  readonly offset: number
}

export function encodePosition({ segment, offset }: SpoolPosition): Buffer {
  const bytes = Buffer.alloc(POSITION_BYTES)
  bytes.write(POSITION_MARK, 0, 'latin1')
  bytes.writeUInt32LE(segment, 8)
  bytes.writeDoubleLE(offset, 12)
  return seal(bytes)
}

/** undefined: it is none, or damaged. */
export function decodePosition(bytes: Buffer | undefined): SpoolPosition | undefined {
  if (bytes === undefined || bytes.toString('latin1', 0, 8) !== POSITION_MARK || !isSealed(bytes))
    return undefined
  return { segment: bytes.readUInt32LE(8), offset: bytes.readDoubleLE(12) }
}

/** The last four bytes are the checksum of those before. */
function seal(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

function isSealed(bytes: Buffer): boolean {
  return crc32(bytes.subarray(0, -4)) === bytes.readUInt32LE(bytes.length - 4)
}
