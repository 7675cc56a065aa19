import { readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { KymoError } from '../../../telemetry/errors.ts'

/**
 * A block is one immutable file: what some segments of the log said, sorted by series and packed. Little-endian.
 *
 *   header, 24 bytes
 *      0  'KYMO BLK'
 *      8  version        u32   1
 *     12  first number   u32   the segments it stands for; the file's name says it again
 *     16  last number    u32
 *     20  checksum       u32   CRC-32 of the bytes before
 *   sections, one behind the other: groups of chunks, then pages of series, then the root
 *   trailer, 16 bytes
 *      0  where the root begins   f64
 *      8  'KEND'
 *     12  checksum       u32   CRC-32 of the trailer's bytes before
 *
 *   a section
 *      0  kind           u32
 *      4  payload bytes  u32
 *      8  checksum       u32   CRC-32 of the bytes before it and of the payload
 *     12  payload
 */
export const BLOCK_HEADER_BYTES = 24
export const SECTION_HEADER_BYTES = 12
export const TRAILER_BYTES = 16
const HEADER_MAGIC = Buffer.from('KYMO BLK', 'latin1')
const TRAILER_MAGIC = 0x444e454b
const VERSION = 1

export const SECTION = { group: 1, page: 2, root: 3 } as const

/** No section is longer. What says so about itself is damaged. */
export const MAX_SECTION_BYTES = 64 * 1_024 * 1_024

/** The segments that a block stands for, both included. */
export interface BlockNumbers {
  readonly first: number
  readonly last: number
}

export function blockPath(blocksPath: string, { first, last }: BlockNumbers): string {
  return join(blocksPath, `${padded(first)}-${padded(last)}.block`)
}

function padded(number: number): string {
  return String(number).padStart(8, '0')
}

export interface BlockListing {
  /** Ascending by first number; of two that overlap, the longer first. */
  readonly blocks: readonly BlockNumbers[]
  /** Paths of files that a crash left half written. */
  readonly unfinished: readonly string[]
  /** Names that are not ours. They are left alone. */
  readonly strangers: readonly string[]
}

/** Being written; renamed when it is whole and safe. */
export const UNFINISHED_SUFFIX = '.new'

export function listBlocks(blocksPath: string): BlockListing {
  const blocks: BlockNumbers[] = []
  const unfinished: string[] = []
  const strangers: string[] = []
  for (const entry of readdirSync(blocksPath, { withFileTypes: true })) {
    const [, first, last, suffix] = /^(\d{8})-(\d{8})\.block(\.new|)$/.exec(entry.name) ?? []
    if (first === undefined || last === undefined || !entry.isFile()) {
      if (!/\.block(\.\d+)?\.damaged$/.test(entry.name)) strangers.push(entry.name)
    } else if (suffix === UNFINISHED_SUFFIX) unfinished.push(join(blocksPath, entry.name))
    else blocks.push({ first: Number(first), last: Number(last) })
  }
  blocks.sort((a, b) => a.first - b.first || b.last - a.last)
  return { blocks, unfinished, strangers }
}

/** Splits blocks into those that count and those that a longer one stands for as well. */
export function withoutCovered(blocks: readonly BlockNumbers[]): {
  readonly current: readonly BlockNumbers[]
  readonly covered: readonly BlockNumbers[]
} {
  const current: BlockNumbers[] = []
  const covered: BlockNumbers[] = []
  for (const block of blocks) {
    const isCovered = block.last <= (current.at(-1)?.last ?? -1)
    if (isCovered) covered.push(block)
    else current.push(block)
  }
  return { current, covered }
}

export function encodeBlockHeader({ first, last }: BlockNumbers): Uint8Array {
  const bytes = Buffer.alloc(BLOCK_HEADER_BYTES)
  HEADER_MAGIC.copy(bytes)
  bytes.writeUInt32LE(VERSION, 8)
  bytes.writeUInt32LE(first, 12)
  bytes.writeUInt32LE(last, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20)
  return bytes
}

/** False: not the header of this block. Throws the KymoError `data-version` for one that a newer Kymo wrote. */
export function checkBlockHeader(fd: number, { first, last }: BlockNumbers, path: string): boolean {
  const bytes = readFully(fd, 0, BLOCK_HEADER_BYTES)
  if (bytes === undefined || !bytes.subarray(0, 8).equals(HEADER_MAGIC)) return false
  if (crc32(bytes.subarray(0, 20)) !== bytes.readUInt32LE(20)) return false
  const version = bytes.readUInt32LE(8)
  if (version !== VERSION) throw new KymoError('data-version', { path, found: version, known: VERSION })
  return bytes.readUInt32LE(12) === first && bytes.readUInt32LE(16) === last
}

export function encodeSectionHeader(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(SECTION_HEADER_BYTES)
  bytes.writeUInt32LE(kind, 0)
  bytes.writeUInt32LE(payload.length, 4)
  bytes.writeUInt32LE(crc32(payload, crc32(bytes.subarray(0, 8))), 8)
  return bytes
}

/** Where a section is, its header included. */
export interface SectionPlace {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** The payload of a section; undefined: it is damaged. */
export function readSection(fd: number, kind: number, place: SectionPlace): Buffer | undefined {
  const bytes = readFully(fd, place.offsetBytes, place.lengthBytes)
  if (bytes === undefined || bytes.length < SECTION_HEADER_BYTES) return undefined
  const payload = bytes.subarray(SECTION_HEADER_BYTES)
  if (bytes.readUInt32LE(0) !== kind || bytes.readUInt32LE(4) !== payload.length) return undefined
  return crc32(payload, crc32(bytes.subarray(0, 8))) === bytes.readUInt32LE(8) ? payload : undefined
}

export function encodeTrailer(rootOffset: number): Uint8Array {
  const bytes = Buffer.alloc(TRAILER_BYTES)
  bytes.writeDoubleLE(rootOffset, 0)
  bytes.writeUInt32LE(TRAILER_MAGIC, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12)
  return bytes
}

/** Where the root is in a file of this length; undefined: the trailer is damaged. */
export function readTrailer(fd: number, fileBytes: number): SectionPlace | undefined {
  const endBytes = fileBytes - TRAILER_BYTES
  if (endBytes < BLOCK_HEADER_BYTES) return undefined
  const bytes = readFully(fd, endBytes, TRAILER_BYTES)
  if (bytes === undefined || bytes.readUInt32LE(8) !== TRAILER_MAGIC) return undefined
  if (crc32(bytes.subarray(0, 12)) !== bytes.readUInt32LE(12)) return undefined
  const offsetBytes = bytes.readDoubleLE(0)
  const lengthBytes = endBytes - offsetBytes
  const isPlace = offsetBytes >= BLOCK_HEADER_BYTES && lengthBytes > 0 && lengthBytes <= MAX_SECTION_BYTES
  return isPlace ? { offsetBytes, lengthBytes } : undefined
}

/** undefined: the file ends before. */
function readFully(fd: number, offset: number, length: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled)
    if (count === 0) return undefined
    filled += count
  }
  return bytes
}
