import type { SeriesIdentity } from '../../../model/series-identity.ts'
import { codesOf, kindOf } from '../../series-codes.ts'
import { OFFSET_MASK, type HeadPages } from './head-pages.ts'
import type { KeyBytes } from './key-bytes.ts'

/**
 * What a series is called and what it is:
 *
 *    0  metric key's place  u32   with IN_KEY: where in the key it begins
 *    4  codes, flags        u32   metric type, statistic, rollup as in a series entry of the log; flags below << 24
 *    8  key bytes           u32
 *   12  metric key bytes    u32
 *   16  percentile          f64   or upper edge; only if there is one
 *       key, metric key
 */
const HAS_PERCENTILE = 1
const HAS_UPPER_EDGE = 2
const IS_KEY_UTF16 = 4
const IS_METRIC_UTF16 = 8
/** The metric's key is a part of the key, as it is where there are no tags. */
const IS_METRIC_IN_KEY = 16

/** Writes the entry of a series whose key has just been taken apart, in memory that `take` finds, and answers where. */
export function writeEntry(
  pages: HeadPages,
  identity: SeriesIdentity,
  key: KeyBytes,
  take: (byteCount: number) => number,
): number {
  const { percentile, upperEdge } = identity
  const place = placeOf(identity, key)
  const number = percentile ?? upperEdge
  const flags =
    place.flags |
    (percentile === undefined ? 0 : HAS_PERCENTILE) |
    (percentile !== undefined || upperEdge === undefined ? 0 : HAS_UPPER_EDGE) |
    (key.isUtf16 ? IS_KEY_UTF16 : 0)
  const textOffset = textOffsetOf(flags)
  const address = take(textOffset + key.length + (place.text?.length ?? 0))
  const { bytes, words, doubles } = pages.bytePage(address)
  const offset = address & OFFSET_MASK
  const word = offset >>> 2
  words[word] = place.inKey
  words[word + 1] = codesOf(identity) | (flags << 24)
  words[word + 2] = key.length
  words[word + 3] = place.byteCount
  if (number !== undefined) doubles[(offset >>> 3) + 2] = number
  const start = offset + textOffset
  for (let index = 0; index < key.length; index++) bytes[start + index] = key.bytes[index] as number
  if (place.text !== undefined) bytes.set(place.text, start + key.length)
  return address
}

interface MetricPlace {
  readonly flags: number
  readonly inKey: number
  readonly byteCount: number
  /** Not if it is in the key. */
  readonly text?: Uint8Array
}

function placeOf({ key: text, metricKey }: SeriesIdentity, key: KeyBytes): MetricPlace {
  // Of ASCII, places in the text are places in the bytes.
  const isAscii = key.length === text.length && !key.isUtf16
  const found = isAscii ? text.indexOf(metricKey) : -1
  if (found >= 0) return { flags: IS_METRIC_IN_KEY, inKey: found, byteCount: metricKey.length }
  const isUtf16 = !metricKey.isWellFormed()
  const bytes = Buffer.from(metricKey, isUtf16 ? 'utf16le' : 'utf8')
  return { flags: isUtf16 ? IS_METRIC_UTF16 : 0, inKey: 0, byteCount: bytes.length, text: bytes }
}

export function entryHasKey(pages: HeadPages, address: number, key: KeyBytes): boolean {
  const { bytes, words } = pages.bytePage(address)
  const offset = address & OFFSET_MASK
  const word = offset >>> 2
  const flags = (words[word + 1] as number) >>> 24
  if (words[word + 2] !== key.length) return false
  if (((flags & IS_KEY_UTF16) !== 0) !== key.isUtf16) return false
  const start = offset + textOffsetOf(flags)
  for (let index = 0; index < key.length; index++) if (bytes[start + index] !== key.bytes[index]) return false
  return true
}

export function readEntry(pages: HeadPages, address: number): SeriesIdentity {
  const { bytes, words, doubles } = pages.bytePage(address)
  const offset = address & OFFSET_MASK
  const word = offset >>> 2
  const codes = words[word + 1] as number
  const flags = codes >>> 24
  const kind = kindOf(codes)
  if (kind === undefined) throw new Error('BUG: an entry of a head has codes that there are not')
  const keyStart = offset + textOffsetOf(flags)
  const keyEnd = keyStart + (words[word + 2] as number)
  const isInKey = (flags & IS_METRIC_IN_KEY) !== 0
  const metricStart = isInKey ? keyStart + (words[word] as number) : keyEnd
  const metricEnd = metricStart + (words[word + 3] as number)
  const text = Buffer.from(bytes.buffer)
  const key = text.toString((flags & IS_KEY_UTF16) === 0 ? 'utf8' : 'utf16le', keyStart, keyEnd)
  const isOwnMetric = metricStart === keyStart && metricEnd === keyEnd
  const metricKey = isOwnMetric
    ? key
    : text.toString((flags & IS_METRIC_UTF16) === 0 ? 'utf8' : 'utf16le', metricStart, metricEnd)
  const number = doubles[(offset >>> 3) + 2] as number
  if ((flags & HAS_PERCENTILE) !== 0) return { key, metricKey, ...kind, percentile: number }
  if ((flags & HAS_UPPER_EDGE) !== 0) return { key, metricKey, ...kind, upperEdge: number }
  return { key, metricKey, ...kind }
}

function textOffsetOf(flags: number): number {
  return (flags & (HAS_PERCENTILE | HAS_UPPER_EDGE)) === 0 ? 16 : 24
}
