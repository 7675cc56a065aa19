import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { ByteReader } from '../codec/byte-reader.ts'
import { ByteWriter } from '../codec/byte-writer.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'
import { pack, unpack } from '../codec/packed-bytes.ts'
import { codesOf, kindOf } from '../../series-codes.ts'
import { MAX_SECTION_BYTES } from './block-file.ts'

/**
 * Some series of a block, sorted by key, packed. Columns stand together, because what is in one is alike:
 *
 *   series   count
 *   kinds    per series: metric type u8, statistic u8, rollup u8, flags u8: 1 has a percentile; 2 its texts are UTF-16, as
 *            UTF-8 cannot say a lone surrogate; 4 has an upper edge; 8 its metric key is its key
 *   numbers  per series with a percentile or an upper edge: f64
 *   keys     per series: bytes it shares with the key before, bytes it has more, these bytes
 *   metrics  per series whose metric key is another: the same
 *   deletes  per series: count, then per delete: start f64, end f64
 *   chunks   per series: count; then of all chunks: group, less that of the chunk before, zigzag; place in the group; points;
 *            oldest time f64; newest time f64
 */
export interface PageSeries {
  readonly identity: SeriesIdentity
  /** Ranges in which what stands in blocks and segments before this one is gone. */
  readonly deletes: readonly TimeRange[]
  /** Where its points are, in ascending order of time. */
  readonly chunks: readonly ChunkEntry[]
}

export interface ChunkEntry {
  /** Which group of the block, and which chunk of the group. */
  readonly group: number
  readonly place: number
  readonly pointCount: number
  readonly oldestMs: number
  readonly newestMs: number
}

export const SERIES_PER_PAGE = 256
export const HAS_PERCENTILE = 1
const IS_UTF16 = 2
export const HAS_UPPER_EDGE = 4
export const IS_OWN_METRIC = 8

export function encodePage(series: readonly PageSeries[]): Uint8Array {
  const out = new ByteWriter()
  out.varint(series.length)
  for (const { identity } of series) {
    out.byte(codesOf(identity) & 0xff)
    out.byte(codesOf(identity) >>> 8)
    out.byte(codesOf(identity) >>> 16)
    out.byte(flagsOf(identity))
  }
  for (const { identity } of series) {
    const number = identity.percentile ?? identity.upperEdge
    if (number !== undefined) out.double(number)
  }
  const keys = new TextWriter(out)
  for (const { identity } of series) keys.write(identity.key, encodingOf(flagsOf(identity)))
  const metricKeys = new TextWriter(out)
  for (const { identity } of series)
    if (identity.metricKey !== identity.key)
      metricKeys.write(identity.metricKey, encodingOf(flagsOf(identity)))
  for (const { deletes } of series) {
    out.varint(deletes.length)
    for (const { startMs, endMs } of deletes) {
      out.double(startMs)
      out.double(endMs)
    }
  }
  for (const { chunks } of series) out.varint(chunks.length)
  const chunks = series.flatMap((one) => one.chunks)
  let lastGroup = 0
  for (const { group } of chunks) {
    out.signedVarint(group - lastGroup)
    lastGroup = group
  }
  for (const { place } of chunks) out.varint(place)
  for (const { pointCount } of chunks) out.varint(pointCount)
  for (const { oldestMs } of chunks) out.double(oldestMs)
  for (const { newestMs } of chunks) out.double(newestMs)
  return pack(out.bytes)
}

/** Throws DamagedBytes. */
export function decodePage(packed: Uint8Array): PageSeries[] {
  const reader = new ByteReader(unpack(packed, MAX_SECTION_BYTES))
  const each = Array.from({ length: reader.count(reader.remaining) }, (_, index) => index)
  const kinds = each.map(() => ({
    kind: kindOf(reader.byte() | (reader.byte() << 8) | (reader.byte() << 16)),
    flags: reader.byte(),
  }))
  const numbers = kinds.map(({ flags }) =>
    (flags & (HAS_PERCENTILE | HAS_UPPER_EDGE)) === 0 ? undefined : reader.double(),
  )
  const keyReader = new TextReader(reader)
  const keys = kinds.map(({ flags }) => keyReader.read(encodingOf(flags)))
  const metricKeyReader = new TextReader(reader)
  const metricKeys = kinds.map(({ flags }, index) =>
    (flags & IS_OWN_METRIC) === 0 ? metricKeyReader.read(encodingOf(flags)) : (keys[index] ?? ''),
  )
  const deletes = each.map(() =>
    Array.from({ length: reader.count(reader.remaining) }, () => ({
      startMs: reader.double(),
      endMs: reader.double(),
    })),
  )
  const counts = each.map(() => reader.count(reader.remaining))
  const chunks = readChunks(reader, counts)
  return each.map((index) => {
    const { kind, flags } = kinds[index] ?? { kind: undefined, flags: 0 }
    if (kind === undefined) throw new DamagedBytes('there is no such kind of series')
    const number = numbers[index]
    const identity: SeriesIdentity = {
      key: keys[index] ?? '',
      metricKey: metricKeys[index] ?? '',
      ...kind,
      ...(number === undefined
        ? {}
        : (flags & HAS_PERCENTILE) === 0
          ? { upperEdge: number }
          : { percentile: number }),
    }
    return { identity, deletes: deletes[index] ?? [], chunks: chunks[index] ?? [] }
  })
}

/** The end of the page: all chunks, column by column, by series. */
function readChunks(reader: ByteReader, counts: readonly number[]): ChunkEntry[][] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  // Each takes 19 bytes at least.
  if (total > reader.remaining) throw new DamagedBytes('chunks are missing')
  const column = (next: () => number): Float64Array => {
    const values = new Float64Array(total)
    for (let chunk = 0; chunk < total; chunk++) values[chunk] = next()
    return values
  }
  let lastGroup = 0
  const groups = column(() => (lastGroup += reader.signedVarint()))
  const places = column(() => reader.varint())
  const pointCounts = column(() => reader.varint())
  const oldest = column(() => reader.double())
  const newest = column(() => reader.double())
  reader.end()
  let chunk = 0
  return counts.map((count) => {
    const entries: ChunkEntry[] = []
    for (const end = chunk + count; chunk < end; chunk++) {
      entries.push({
        group: groups[chunk] ?? 0,
        place: places[chunk] ?? 0,
        pointCount: pointCounts[chunk] ?? 0,
        oldestMs: oldest[chunk] ?? 0,
        newestMs: newest[chunk] ?? 0,
      })
    }
    return entries
  })
}

function flagsOf({ key, metricKey, percentile, upperEdge }: SeriesIdentity): number {
  return (
    (percentile === undefined ? 0 : HAS_PERCENTILE) |
    (key.isWellFormed() && metricKey.isWellFormed() ? 0 : IS_UTF16) |
    (percentile !== undefined || upperEdge === undefined ? 0 : HAS_UPPER_EDGE) |
    (metricKey === key ? IS_OWN_METRIC : 0)
  )
}

type Encoding = 'utf8' | 'utf16le'

export function encodingOf(flags: number): Encoding {
  return (flags & IS_UTF16) === 0 ? 'utf8' : 'utf16le'
}

class TextWriter {
  readonly #out: ByteWriter
  #last = Buffer.alloc(0)

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(text: string, encoding: Encoding): void {
    const bytes = Buffer.from(text, encoding)
    let shared = 0
    while (shared < bytes.length && shared < this.#last.length && bytes[shared] === this.#last[shared])
      shared++
    this.#out.varint(shared)
    this.#out.varint(bytes.length - shared)
    this.#out.append(bytes.subarray(shared))
    this.#last = bytes
  }
}

export class TextReader {
  readonly #reader: ByteReader
  /** The text read last, and what came before behind it. */
  #bytes = Buffer.alloc(256)
  #length = 0

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  read(encoding: Encoding): string {
    const shared = this.#reader.count(this.#length)
    const more = this.#reader.take(this.#reader.count(this.#reader.remaining))
    this.#length = shared + more.length
    if (this.#length > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#length * 2)
    this.#bytes.set(more, shared)
    return this.#bytes.toString(encoding, 0, this.#length)
  }
}
