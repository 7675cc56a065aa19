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
 *       start's place       u32   address of the text that the key begins with
 *       start bytes         u32   both only with IS_START_ELSEWHERE
 *       key, metric key           the key from there on
 */
const HAS_PERCENTILE = 1
const HAS_UPPER_EDGE = 2
const IS_KEY_UTF16 = 4
const IS_METRIC_UTF16 = 8
/** The metric's key is a part of the key, as it is where there are no tags. */
const IS_METRIC_IN_KEY = 16
/** The key begins as one before it: series that come together mostly do, those of one metric always. Then both are ASCII. */
const IS_START_ELSEWHERE = 32

/** Less than that is not worth telling where it is. */
const LEAST_START_BYTES = 16

/** Writes entries, which are in memory that `take` finds, and remembers the last one that has all of its key. */
export class EntryWriter {
  readonly #pages: HeadPages
  readonly #take: (byteCount: number) => number
  /** Address and length of a key; 0: there is none. */
  #whole = 0
  #wholeBytes = 0

  constructor(pages: HeadPages, take: (byteCount: number) => number) {
    this.#pages = pages
    this.#take = take
  }

  /** The entry of a series whose key has just been taken apart. Answers where it is. */
  write(identity: SeriesIdentity, key: KeyBytes): number {
    const { percentile, upperEdge } = identity
    // Of ASCII, places in the text are places in the bytes.
    const isAscii = key.length === identity.key.length && !key.isUtf16
    const place = placeOf(identity, isAscii)
    const number = percentile ?? upperEdge
    const startBytes = isAscii ? this.#startOf(key) : 0
    const flags =
      place.flags |
      (percentile === undefined ? 0 : HAS_PERCENTILE) |
      (percentile !== undefined || upperEdge === undefined ? 0 : HAS_UPPER_EDGE) |
      (key.isUtf16 ? IS_KEY_UTF16 : 0) |
      (startBytes === 0 ? 0 : IS_START_ELSEWHERE)
    const textOffset = textOffsetOf(flags)
    const ownBytes = key.length - startBytes
    const address = this.#take(textOffset + ownBytes + (place.text?.length ?? 0))
    const { bytes, words, doubles } = this.#pages.bytePage(address)
    const offset = address & OFFSET_MASK
    const word = offset >>> 2
    words[word] = place.inKey
    words[word + 1] = codesOf(identity) | (flags << 24)
    words[word + 2] = key.length
    words[word + 3] = place.byteCount
    if (number !== undefined) doubles[(offset >>> 3) + 2] = number
    const start = offset + textOffset
    if (startBytes > 0) {
      words[(start >>> 2) - 2] = this.#whole
      words[(start >>> 2) - 1] = startBytes
    } else if (isAscii) {
      this.#whole = address + textOffset
      this.#wholeBytes = key.length
    }
    for (let index = 0; index < ownBytes; index++)
      bytes[start + index] = key.bytes[startBytes + index] as number
    if (place.text !== undefined) bytes.set(place.text, start + ownBytes)
    return address
  }

  /** How many bytes the key has in common with the one that is whole; 0: so few that it had better be whole itself. */
  #startOf({ bytes, length }: KeyBytes): number {
    if (this.#whole === 0) return 0
    const whole = this.#pages.bytePage(this.#whole).bytes
    const offset = this.#whole & OFFSET_MASK
    const most = Math.min(length, this.#wholeBytes)
    let same = 0
    while (same < most && whole[offset + same] === bytes[same]) same++
    return same < LEAST_START_BYTES || same * 2 < length ? 0 : same
  }
}

interface MetricPlace {
  readonly flags: number
  readonly inKey: number
  readonly byteCount: number
  /** Not if it is in the key. */
  readonly text?: Uint8Array
}

function placeOf({ key, metricKey }: SeriesIdentity, isAscii: boolean): MetricPlace {
  const found = isAscii ? key.indexOf(metricKey) : -1
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
  let known = 0
  if ((flags & IS_START_ELSEWHERE) !== 0) {
    const whole = words[(start >>> 2) - 2] as number
    known = words[(start >>> 2) - 1] as number
    if (!isSame(pages.bytePage(whole).bytes, whole & OFFSET_MASK, key, 0, known)) return false
  }
  return isSame(bytes, start, key, known, key.length)
}

/** The bytes from this offset on, and those of a key from the one place to the other. */
function isSame(bytes: Uint8Array, offset: number, key: KeyBytes, from: number, to: number): boolean {
  const before = offset - from
  for (let index = from; index < to; index++) if (bytes[before + index] !== key.bytes[index]) return false
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
  const start = offset + textOffsetOf(flags)
  const keyBytes = words[word + 2] as number
  const metricBytes = words[word + 3] as number
  const text = Buffer.from(bytes.buffer)
  const isWhole = (flags & IS_START_ELSEWHERE) === 0
  const startBytes = isWhole ? 0 : (words[(start >>> 2) - 1] as number)
  const keyEnd = start + keyBytes - startBytes
  const key = isWhole
    ? text.toString((flags & IS_KEY_UTF16) === 0 ? 'utf8' : 'utf16le', start, keyEnd)
    : joined(pages, words[(start >>> 2) - 2] as number, startBytes, bytes.subarray(start, keyEnd))
  const number = doubles[(offset >>> 3) + 2] as number
  const metricKey =
    (flags & IS_METRIC_IN_KEY) === 0
      ? text.toString((flags & IS_METRIC_UTF16) === 0 ? 'utf8' : 'utf16le', keyEnd, keyEnd + metricBytes)
      : partOf(key, words[word] as number, metricBytes)
  if ((flags & HAS_PERCENTILE) !== 0) return { key, metricKey, ...kind, percentile: number }
  if ((flags & HAS_UPPER_EDGE) !== 0) return { key, metricKey, ...kind, upperEdge: number }
  return { key, metricKey, ...kind }
}

function joined(pages: HeadPages, whole: number, startBytes: number, rest: Uint8Array): string {
  const { bytes } = pages.bytePage(whole)
  const offset = whole & OFFSET_MASK
  const length = startBytes + rest.length
  if (length > room.length) room = Buffer.alloc(length * 2)
  room.set(bytes.subarray(offset, offset + startBytes))
  room.set(rest, startBytes)
  return room.toString('latin1', 0, length)
}

/** In which keys are put together. */
let room = Buffer.alloc(512)

function partOf(key: string, start: number, length: number): string {
  return length === key.length ? key : key.slice(start, start + length)
}

function textOffsetOf(flags: number): number {
  const numberBytes = (flags & (HAS_PERCENTILE | HAS_UPPER_EDGE)) === 0 ? 0 : 8
  return ENTRY_BYTES + numberBytes + ((flags & IS_START_ELSEWHERE) === 0 ? 0 : 8)
}

const ENTRY_BYTES = 16
