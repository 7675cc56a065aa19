import type { RejectionReason } from '../../model/rejection.ts'
import type { MetricType, Sample } from '../../model/sample.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { decodeLatin1, decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { addDogstatsdTags, addGraphiteTags } from '../tags.ts'
import { isSaneName, sanitiseName } from './sanitise-name.ts'

/**
 * One line of StatsD, in etsy's and in DogStatsD's dialect. docs/formats/statsd.md is the published description.
 *
 *   api.hits:3|c|@0.1|#env:prod          one value
 *   ^^^^^^^^ ^ ^ ^^^^ ^^^^^^^^^
 *   name     | | |    tags
 *            | | rate
 *            | type
 *            value
 *
 *   api.time:12:15:9|ms|@0.5|#env:prod   packed: several values, one trailer for all of them (DogStatsD)
 *   api:1|c:12|ms|@0.5:7|g               chained: each with a trailer of its own (etsy)
 *
 * The two forms of several values are told apart by where the ':' stands: before the first '|' the line is packed;
 * in the first type, or in a rate in front of which there is no field of DogStatsD's, it is chained; elsewhere
 * (`|#k:v`, `|c:id`, a field nobody knows yet) it belongs to its field and the line has one value.
 *
 * A line is accepted whole or rejected whole. So values are walked twice, first to check and then to put them out;
 * that costs less than keeping them in between.
 */
export class LineDecoder {
  /** Scratch: written before it is read, line by line. */
  readonly #sample: Sample = { key: '', type: 'counter', value: 0, weight: 1, isDelta: false, member: '' }
  readonly #tags: Tag[] = []
  /** Times are not negative; other values may be. */
  #lowestValue = 0

  decode(bytes: Uint8Array, start: number, end: number, out: DecodedOutput): RejectionReason | undefined {
    const lineEnd = trimEnd(bytes, start, end)
    if (startsWith(bytes, start, lineEnd, EVENT) || startsWith(bytes, start, lineEnd, SERVICE_CHECK)) {
      return 'unsupported'
    }

    const nameEnd = findColonOrPipe(bytes, start, lineEnd)
    if (nameEnd === lineEnd || bytes[nameEnd] === PIPE) return 'no_value'
    this.#tags.length = 0
    const name = readName(bytes, start, nameEnd, this.#tags)
    if (name === '') return 'empty_name'

    const valueStart = nameEnd + 1
    const valueEnd = find(PIPE, bytes, valueStart, lineEnd)
    if (valueEnd === valueStart) return 'no_value'
    if (valueEnd === lineEnd) return 'no_type'

    if (isChained(bytes, valueStart, valueEnd, lineEnd)) {
      const reason = this.#chain(bytes, valueStart, lineEnd)
      if (reason !== undefined) return reason
      this.#sample.key = formatSeriesKey(name, this.#tags)
      return this.#chain(bytes, valueStart, lineEnd, out)
    }
    const reason =
      this.#trailer(bytes, valueEnd + 1, lineEnd, this.#tags) ?? this.#values(bytes, valueStart, valueEnd)
    if (reason !== undefined) return reason
    this.#sample.key = formatSeriesKey(name, this.#tags)
    return this.#values(bytes, valueStart, valueEnd, out)
  }

  /** `1|c:12|ms|@0.5:7|g`. With `out`, puts the values out; without, only says whether they can be. */
  #chain(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    for (let linkStart = start; linkStart <= end; ) {
      const linkEnd = find(COLON, bytes, linkStart, end)
      const valueEnd = find(PIPE, bytes, linkStart, linkEnd)
      if (valueEnd === linkStart) return 'no_value'
      if (valueEnd === linkEnd) return 'no_type'
      const reason =
        this.#trailer(bytes, valueEnd + 1, linkEnd) ?? this.#value(bytes, linkStart, valueEnd, out)
      if (reason !== undefined) return reason
      linkStart = linkEnd + 1
    }
    return undefined
  }

  /** `12` or, packed, `12:15:9`. Empty values between the colons are passed over, as long as one is left. */
  #values(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    if (this.#sample.type === 'set') return this.#value(bytes, start, end, out)
    let hasValues = false
    for (let valueStart = start; valueStart < end; ) {
      const valueEnd = find(COLON, bytes, valueStart, end)
      if (valueEnd > valueStart) {
        const reason = this.#value(bytes, valueStart, valueEnd, out)
        if (reason !== undefined) return reason
        hasValues = true
      }
      valueStart = valueEnd + 1
    }
    return hasValues ? undefined : 'no_value'
  }

  /** One value of the type that the trailer has told. */
  #value(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    const sample = this.#sample
    if (sample.type === 'set') {
      sample.value = 0
      sample.isDelta = false
      if (out !== undefined) sample.member = decodeUtf8(bytes, start, end)
    } else {
      const value = parseDecimal(bytes, start, end)
      if (Number.isNaN(value) || value < this.#lowestValue) return 'bad_number'
      sample.value = value
      sample.isDelta = sample.type === 'gauge' && (bytes[start] === PLUS || bytes[start] === MINUS)
      sample.member = ''
    }
    out?.sample(sample)
    return undefined
  }

  /** `ms|@0.5|#env:prod`: sets type and weight. Without `tags`, in a chain, nothing but a rate may follow the type. */
  #trailer(bytes: Uint8Array, start: number, end: number, tags?: Tag[]): RejectionReason | undefined {
    const typeEnd = find(PIPE, bytes, start, end)
    if (typeEnd === start) return 'no_type'
    const type = metricTypeOf(bytes, start, typeEnd)
    if (type === undefined) return 'unknown_type'

    let weight = 1
    for (let fieldStart = typeEnd + 1; fieldStart < end; ) {
      const fieldEnd = find(PIPE, bytes, fieldStart, end)
      const mark = bytes[fieldStart]
      if (mark === AT) {
        const rate = parseDecimal(bytes, fieldStart + 1, fieldEnd)
        weight = 1 / rate
        if (!(rate > 0 && rate <= 1 && weight < Infinity)) return 'bad_sample_rate'
      } else if (fieldEnd > fieldStart) {
        if (tags === undefined) return 'bad_field'
        if (mark === HASH) addDogstatsdTags(decodeUtf8(bytes, fieldStart + 1, fieldEnd), tags)
        // Container, origin, cardinality, time and whatever comes later: passed over.
      }
      fieldStart = fieldEnd + 1
    }

    this.#sample.type = type
    this.#sample.weight = type === 'counter' || type === 'timer' ? weight : 1
    this.#lowestValue = bytes[start] === LETTER_M && typeEnd - start === 2 ? 0 : -Infinity
    return undefined
  }
}

const PLUS = 0x2b
const MINUS = 0x2d
const HASH = 0x23
const COLON = 0x3a
const AT = 0x40
const PIPE = 0x7c
const SPACE = 0x20
const TAB = 0x09
const SEMICOLON = 0x3b
const LETTER_T = 0x54
const LETTER_C = 0x63
const LETTER_D = 0x64
const LETTER_G = 0x67
const LETTER_H = 0x68
const LETTER_M = 0x6d
const LETTER_S = 0x73

const EVENT = Buffer.from('_e{')
const SERVICE_CHECK = Buffer.from('_sc|')

function metricTypeOf(bytes: Uint8Array, start: number, end: number): MetricType | undefined {
  const first = bytes[start] ?? 0
  if (end - start === 2) return first === LETTER_M && bytes[start + 1] === LETTER_S ? 'timer' : undefined
  if (end - start !== 1) return undefined
  switch (first) {
    case LETTER_C:
    case LETTER_M:
      return 'counter'
    case LETTER_G:
      return 'gauge'
    case LETTER_H:
    case LETTER_D:
      return 'timer'
    case LETTER_S:
      return 'set'
    default:
      return undefined
  }
}

/** Whether each value has a trailer of its own; see the head of this file. */
function isChained(bytes: Uint8Array, valueStart: number, valueEnd: number, end: number): boolean {
  if (find(COLON, bytes, valueStart, valueEnd) < valueEnd) return false
  const colon = find(COLON, bytes, valueEnd + 1, end)
  if (colon === end) return false
  let fieldStart = valueEnd + 1
  let fieldEnd = find(PIPE, bytes, fieldStart, end)
  if (colon < fieldEnd) return true
  for (;;) {
    fieldStart = fieldEnd + 1
    fieldEnd = find(PIPE, bytes, fieldStart, end)
    const mark = bytes[fieldStart]
    if (colon < fieldEnd) return mark === AT
    if (mark === HASH || mark === LETTER_T) return false
  }
}

function readName(bytes: Uint8Array, start: number, end: number, tags: Tag[]): string {
  // Fast path: a name that is as it should be, and no tags.
  if (isSaneName(bytes, start, end)) return decodeLatin1(bytes, start, end)
  const nameEnd = find(SEMICOLON, bytes, start, end)
  if (nameEnd < end) addGraphiteTags(decodeUtf8(bytes, nameEnd + 1, end), tags)
  return sanitiseName(decodeUtf8(bytes, start, nameEnd))
}

/** Blanks at the end of a line mean nothing: scripts leave them there. */
function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end
  while (trimmed > start && (bytes[trimmed - 1] === SPACE || bytes[trimmed - 1] === TAB)) trimmed--
  return trimmed
}

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[start + index] !== prefix[index]) return false
  }
  return true
}

/** Where `byte` first stands in `bytes[start..end)`; `end` if nowhere. */
function find(byte: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}

function findColonOrPipe(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== COLON && bytes[at] !== PIPE) at++
  return at
}
