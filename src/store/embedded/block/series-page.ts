import type { SeriesIdentity } from '../../../model/series-identity.ts'
import type { TimeRange } from '../../../model/time-range.ts'
import { ByteReader } from '../codec/byte-reader.ts'
import { ByteWriter } from '../codec/byte-writer.ts'
import { DamagedBytes } from '../codec/damaged-bytes.ts'
import { pack, unpack } from '../codec/packed-bytes.ts'
import { codesOf, kindOf } from '../series-entry.ts'
import { MAX_SECTION_BYTES } from './block-file.ts'

/**
 * Some series of a block, sorted by key, packed. Columns stand together, because what is in one is alike:
 *
 *   series   count
 *   kinds    per series: metric type u8, statistic u8, rollup u8, flags u8: 1 has a percentile; 4 has an upper edge;
 *            8 its metric key is its key
 *   numbers  per series with a percentile or an upper edge: f64
 *   keys     per series: bytes it shares with the key before, bytes it has more, these bytes; UTF-16
 *   metrics  per series whose metric key is another: the same
 *   deletes  per series: count, then per delete: start f64, end f64
 *   chunks   per series: count; then all their oldest times f64, all their newest times f64
 */
export interface PageSeries {
  readonly identity: SeriesIdentity
  /** Ranges in which what stands in blocks and segments before this one is gone. */
  readonly deletes: readonly TimeRange[]
  /** When its chunks begin and end, in ascending order. */
  readonly chunks: readonly ChunkSpan[]
}

export interface ChunkSpan {
  readonly oldestMs: number
  readonly newestMs: number
}

export const SERIES_PER_PAGE = 256
const HAS_PERCENTILE = 1
const HAS_UPPER_EDGE = 4
const IS_OWN_METRIC = 8

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
  for (const { identity } of series) keys.write(identity.key)
  const metricKeys = new TextWriter(out)
  for (const { identity } of series)
    if (identity.metricKey !== identity.key) metricKeys.write(identity.metricKey)
  for (const { deletes } of series) {
    out.varint(deletes.length)
    for (const { startMs, endMs } of deletes) {
      out.double(startMs)
      out.double(endMs)
    }
  }
  for (const { chunks } of series) out.varint(chunks.length)
  for (const { chunks } of series) for (const { oldestMs } of chunks) out.double(oldestMs)
  for (const { chunks } of series) for (const { newestMs } of chunks) out.double(newestMs)
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
  const keys = each.map(() => keyReader.read())
  const metricKeyReader = new TextReader(reader)
  const metricKeys = kinds.map(({ flags }, index) =>
    (flags & IS_OWN_METRIC) === 0 ? metricKeyReader.read() : (keys[index] ?? ''),
  )
  const deletes = each.map(() =>
    Array.from({ length: reader.count(reader.remaining) }, () => ({
      startMs: reader.double(),
      endMs: reader.double(),
    })),
  )
  const counts = each.map(() => reader.count(reader.remaining))
  const oldest = counts.map((count) => Array.from({ length: count }, () => reader.double()))
  const newest = counts.map((count) => Array.from({ length: count }, () => reader.double()))
  reader.end()
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
    const chunks = (oldest[index] ?? []).map((oldestMs, chunk) => ({
      oldestMs,
      newestMs: newest[index]?.[chunk] ?? oldestMs,
    }))
    return { identity, deletes: deletes[index] ?? [], chunks }
  })
}

function flagsOf({ key, metricKey, percentile, upperEdge }: SeriesIdentity): number {
  return (
    (percentile === undefined ? 0 : HAS_PERCENTILE) |
    (percentile !== undefined || upperEdge === undefined ? 0 : HAS_UPPER_EDGE) |
    (metricKey === key ? IS_OWN_METRIC : 0)
  )
}

/** UTF-16, because UTF-8 cannot say every string; what is twice as long is hardly longer once it is packed. */
class TextWriter {
  readonly #out: ByteWriter
  #last = Buffer.alloc(0)

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(text: string): void {
    const bytes = Buffer.from(text, 'utf16le')
    let shared = 0
    while (shared < bytes.length && shared < this.#last.length && bytes[shared] === this.#last[shared])
      shared++
    this.#out.varint(shared)
    this.#out.varint(bytes.length - shared)
    this.#out.append(bytes.subarray(shared))
    this.#last = bytes
  }
}

class TextReader {
  readonly #reader: ByteReader
  #last = Buffer.alloc(0)

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  read(): string {
    const shared = this.#reader.count(this.#last.length)
    const more = this.#reader.take(this.#reader.count(this.#reader.remaining))
    this.#last = Buffer.concat([this.#last.subarray(0, shared), more])
    return this.#last.toString('utf16le')
  }
}
