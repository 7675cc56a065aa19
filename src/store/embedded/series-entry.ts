import type { SeriesIdentity } from '../../model/series-identity.ts'
import { codesOf, kindOf } from '../series-codes.ts'
import type { RecordBuilder } from './record-builder.ts'
import type { RecordView } from './record.ts'

/**
 * One series in a record, a multiple of 8 bytes long:
 *
 *    0  number            u32   what points of this segment call it
 *    4  metric type       u8    \
 *    5  statistic         u8     }  codes of the tables below
 *    6  rollup            u8    /
 *    7  flags             u8    1: has a percentile; 2: texts are UTF-16, as UTF-8 cannot say a lone surrogate;
 *                               4: has an upper edge, and no percentile
 *    8  percentile        f64   or upper edge; 0 if there is neither
 *   16  key bytes         u32
 *   20  metric key bytes  u32
 *   24  key, metric key, zeros up to a multiple of 8
 */
export interface SeriesEntry {
  readonly number: number
  readonly identity: SeriesIdentity
}

const ENTRY_HEADER_BYTES = 24
const HAS_PERCENTILE = 1
const IS_UTF16 = 2
const HAS_UPPER_EDGE = 4

export function writeSeriesEntry(builder: RecordBuilder, { number, identity }: SeriesEntry): void {
  const isUtf16 = !identity.key.isWellFormed() || !identity.metricKey.isWellFormed()
  const encoding = isUtf16 ? 'utf16le' : 'utf8'
  const { percentile, upperEdge } = identity
  const flags =
    (percentile === undefined ? 0 : HAS_PERCENTILE) |
    (isUtf16 ? IS_UTF16 : 0) |
    (upperEdge === undefined ? 0 : HAS_UPPER_EDGE)
  builder.word(number)
  builder.word(codesOf(identity) | (flags << 24))
  builder.double(percentile ?? upperEdge ?? 0)
  const lengths = builder.length
  builder.word(0)
  builder.word(0)
  const { first, second } = builder.texts(identity.key, identity.metricKey, encoding)
  builder.change(lengths, first)
  builder.change(lengths + 4, second)
}

/**
 * Reads `count` entries from `offset` of the record's memory. Ends early where an entry makes no sense, which a
 * record with a right checksum has only if something other than Kymo wrote it.
 */
export function readSeriesEntries(record: RecordView, offset: number, count: number): SeriesEntry[] {
  const { bytes, words, doubles } = record.memory
  const end = record.payloadOffset + record.payloadBytes
  const text = Buffer.from(bytes.buffer)
  const entries: SeriesEntry[] = []
  let start = offset
  while (entries.length < count && start + ENTRY_HEADER_BYTES <= end) {
    const word = start / 4
    const codes = words[word + 1] ?? 0
    const keyStart = start + ENTRY_HEADER_BYTES
    const metricKeyStart = keyStart + (words[word + 4] ?? 0)
    const textEnd = metricKeyStart + (words[word + 5] ?? 0)
    const kind = kindOf(codes)
    if (textEnd > end || kind === undefined) break
    const flags = codes >>> 24
    const encoding = (flags & IS_UTF16) === 0 ? 'utf8' : 'utf16le'
    const key = text.toString(encoding, keyStart, metricKeyStart)
    const metricKey = text.toString(encoding, metricKeyStart, textEnd)
    const identity = { key, metricKey: metricKey === key ? key : metricKey, ...kind }
    const number = doubles[start / 8 + 1] ?? 0
    entries.push({ number: words[word] ?? 0, identity: withNumber(identity, flags, number) })
    start = Math.ceil(textEnd / 8) * 8
  }
  return entries
}

function withNumber(identity: SeriesIdentity, flags: number, number: number): SeriesIdentity {
  if ((flags & HAS_PERCENTILE) !== 0) return { ...identity, percentile: number }
  return (flags & HAS_UPPER_EDGE) === 0 ? identity : { ...identity, upperEdge: number }
}
