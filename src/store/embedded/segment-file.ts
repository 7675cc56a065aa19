import { readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { KymoError } from '../../telemetry/errors.ts'

/**
 * A segment is one file of the log. It begins with a header of 40 bytes, little-endian:
 *
 *    0  'KYMO LOG'
 *    8  version        u32   1
 *   12  number         u32   the file's name says it again
 *   16  created        f64   ms since 1970
 *   24  mark           8 B   random; every record of this segment begins with it
 *   32  0              u32
 *   36  checksum       u32   CRC-32 of the bytes before
 *
 * The mark is what makes it possible to find the next record behind a damaged place. It is random, so that nobody
 * who sends metrics can write a name that looks like a record.
 */
export interface SegmentHeader {
  readonly number: number
  readonly createdMs: number
  readonly mark: Mark
}

/** The eight bytes of a mark, as two 32-bit words. */
export interface Mark {
  readonly low: number
  readonly high: number
}

export const SEGMENT_HEADER_BYTES = 40
const CHECKSUM_OFFSET = 36
const MAGIC = Buffer.from('KYMO LOG', 'latin1')
const VERSION = 1

export function encodeSegmentHeader({ number, createdMs, mark }: SegmentHeader): Uint8Array {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(VERSION, 8)
  bytes.writeUInt32LE(number, 12)
  bytes.writeDoubleLE(createdMs, 16)
  bytes.writeUInt32LE(mark.low, 24)
  bytes.writeUInt32LE(mark.high, 28)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET)
  return bytes
}

/** undefined: the header is not whole. Throws the KymoError `data-version` for one that a newer Kymo wrote. */
export function decodeSegmentHeader(bytes: Buffer, path: string): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined
  if (crc32(bytes.subarray(0, CHECKSUM_OFFSET)) !== bytes.readUInt32LE(CHECKSUM_OFFSET)) return undefined
  const version = bytes.readUInt32LE(8)
  if (version !== VERSION) throw new KymoError('data-version', { path, found: version, known: VERSION })
  return {
    number: bytes.readUInt32LE(12),
    createdMs: bytes.readDoubleLE(16),
    mark: { low: bytes.readUInt32LE(24), high: bytes.readUInt32LE(28) },
  }
}

export function readSegmentHeader(fd: number, path: string): SegmentHeader | undefined {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  const length = readSync(fd, bytes, 0, SEGMENT_HEADER_BYTES, 0)
  return decodeSegmentHeader(bytes.subarray(0, length), path)
}

export function segmentPath(logPath: string, number: number): string {
  return join(logPath, `${String(number).padStart(8, '0')}.log`)
}

export interface SegmentListing {
  /** Ascending. */
  readonly numbers: readonly number[]
  /** The highest number any entry has, a directory that sits where a segment could be included; 0 if none. */
  readonly highestNumber: number
  /** Names that are not ours. They are left alone. */
  readonly strangers: readonly string[]
}

export function listSegments(logPath: string): SegmentListing {
  const numbers: number[] = []
  const strangers: string[] = []
  let highestNumber = 0
  for (const entry of readdirSync(logPath, { withFileTypes: true })) {
    const number = /^\d{8}\.log$/.test(entry.name) ? Number.parseInt(entry.name, 10) : undefined
    if (number !== undefined) highestNumber = Math.max(highestNumber, number)
    if (number !== undefined && entry.isFile()) numbers.push(number)
    else if (!/\.log(\.\d+)?\.damaged$/.test(entry.name)) strangers.push(entry.name)
  }
  return { numbers: numbers.sort((a, b) => a - b), highestNumber, strangers }
}

/**
 * The mark of a segment whose header may be damaged: the header's, or else what the first record begins with. That
 * may be wrong; then no record is found whole with it. undefined: the file belongs to another number, or holds nothing.
 */
export function findMark(fd: number, number: number, path: string): Mark | undefined {
  const header = readSegmentHeader(fd, path)
  if (header !== undefined) return header.number === number ? header.mark : undefined
  const bytes = Buffer.alloc(8)
  if (readSync(fd, bytes, 0, 8, SEGMENT_HEADER_BYTES) < 8) return undefined
  return { low: bytes.readUInt32LE(0), high: bytes.readUInt32LE(4) }
}
