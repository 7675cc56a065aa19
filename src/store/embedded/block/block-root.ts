import { ByteReader } from '../codec/byte-reader.ts'
import { ByteWriter } from '../codec/byte-writer.ts'
import { pack, unpack } from '../codec/packed-bytes.ts'
import { BLOCK_HEADER_BYTES, MAX_SECTION_BYTES, type SectionPlace } from './block-file.ts'

/**
 * The last section of a block, packed: what is in it, and where.
 *
 *   points, newest flush, oldest, newest, deletes    5 x f64   oldest > newest: no points
 *   groups       count, then per group: bytes of its section, chunks, points; oldest f64, newest f64
 *   pages        count, then per page: bytes of its section, series; bytes of the first key, first key in UTF-16
 *
 * Sections lie one behind the other, so that their lengths say where they begin.
 */
export interface BlockRoot extends BlockTotals {
  readonly groups: readonly GroupEntry[]
  readonly pages: readonly PageEntry[]
}

export interface BlockTotals {
  readonly pointCount: number
  /** Time of the newest point of a flush; 0 if there is none. */
  readonly newestFlushMs: number
  readonly oldestMs: number
  readonly newestMs: number
  /** Ranges of series whose points in blocks and segments before this one are gone. */
  readonly deleteCount: number
}

export interface GroupEntry {
  readonly place: SectionPlace
  readonly chunkCount: number
  readonly pointCount: number
  readonly oldestMs: number
  readonly newestMs: number
}

export interface PageEntry {
  readonly place: SectionPlace
  readonly firstKey: string
  readonly seriesCount: number
}

export function encodeRoot(root: BlockRoot): Uint8Array {
  const out = new ByteWriter()
  out.double(root.pointCount)
  out.double(root.newestFlushMs)
  out.double(root.oldestMs)
  out.double(root.newestMs)
  out.double(root.deleteCount)
  out.varint(root.groups.length)
  for (const group of root.groups) {
    out.varint(group.place.lengthBytes)
    out.varint(group.chunkCount)
    out.varint(group.pointCount)
    out.double(group.oldestMs)
    out.double(group.newestMs)
  }
  out.varint(root.pages.length)
  for (const page of root.pages) {
    const key = Buffer.from(page.firstKey, 'utf16le')
    out.varint(page.place.lengthBytes)
    out.varint(page.seriesCount)
    out.varint(key.length)
    out.append(key)
  }
  return pack(out.bytes)
}

/** Throws DamagedBytes. */
export function decodeRoot(packed: Uint8Array): BlockRoot {
  const reader = new ByteReader(unpack(packed, MAX_SECTION_BYTES))
  const totals = {
    pointCount: reader.double(),
    newestFlushMs: reader.double(),
    oldestMs: reader.double(),
    newestMs: reader.double(),
    deleteCount: reader.double(),
  }
  let offsetBytes = BLOCK_HEADER_BYTES
  const place = (): SectionPlace => {
    const lengthBytes = reader.count(MAX_SECTION_BYTES)
    offsetBytes += lengthBytes
    return { offsetBytes: offsetBytes - lengthBytes, lengthBytes }
  }
  const groups: GroupEntry[] = []
  for (let left = reader.count(reader.remaining); left > 0; left--) {
    const group = {
      place: place(),
      chunkCount: reader.varint(),
      pointCount: reader.varint(),
      oldestMs: reader.double(),
      newestMs: reader.double(),
    }
    groups.push(group)
  }
  const pages: PageEntry[] = []
  for (let left = reader.count(reader.remaining); left > 0; left--) {
    const page = {
      place: place(),
      seriesCount: reader.varint(),
      firstKey: Buffer.from(reader.take(reader.count(reader.remaining))).toString('utf16le'),
    }
    pages.push(page)
  }
  reader.end()
  return { ...totals, groups, pages }
}
