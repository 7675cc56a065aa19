import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import type { Sample } from '../../model/sample.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { addDogstatsdTags, TAG_TEXT, type TagText } from '../tags.ts'
import { AT, COLON, HASH, LETTER_T, MINUS, PIPE, PLUS, UNDERSCORE } from './ascii.ts'
import { decodeEvent, decodeServiceCheck } from './decode-event.ts'
import { findLinksEnd } from './find-links-end.ts'
import { refuseName, type StatsdLimits } from './limits.ts'
import type { DialectRules } from './profile.ts'
import { NameReader } from './read-name.ts'
import { isTime, readType } from './read-type.ts'
import { ETSY_TAG_TEXT } from './sanitise-name.ts'
import { find, readDigits, trimEnd } from './scan.ts'
import { settleTags } from './settle-tags.ts'

/**
 * One line of StatsD, in the dialect that the rules describe. docs/formats/statsd.md is the published description.
 *
 *   api.hits:3|c|@0.1|#env:prod          one value
 *   ^^^^^^^^ ^ ^ ^^^^ ^^^^^^^^^
 *   name     | | |    tags
 *            | | rate
 *            | type
 *            value
 *
 *   api.time:12:15:9|ms|@0.5|#env:prod   packed: several values, one trailer for all of them (DogStatsD)
 *   api:1|c:12|ms|@0.5:7|g|#env:prod     chained: each with type and rate of its own (etsy)
 *
 * A line is accepted whole or rejected whole. So several values are walked twice, first to check and then to put them
 * out; that costs less than keeping them in between.
 */
export class LineDecoder {
  readonly #rules: DialectRules
  readonly #limits: StatsdLimits
  readonly #names: NameReader
  readonly #tagText: TagText
  readonly #readsTags: boolean
  readonly #isEtsy: boolean

  /** Scratch: written before it is read, line by line. */
  readonly #sample: Sample = { key: '', type: 'counter', value: 0, weight: 1, isDelta: false, member: '' }
  readonly #point: Point = { key: '', type: 'counter', timeMs: 0, value: 0 }
  readonly #tags: Tag[] = []
  /** What the fields said: 1 / rate, and the time of the values or -1. */
  #fieldWeight = 1
  #timeMs = -1
  /** Times are not negative; other values may be. */
  #lowestValue = 0

  constructor(rules: DialectRules, limits: StatsdLimits) {
    this.#rules = rules
    this.#limits = limits
    this.#names = new NameReader(rules)
    this.#tagText = rules.hasEtsyTags ? ETSY_TAG_TEXT : TAG_TEXT
    this.#readsTags = rules.tagForms.includes('dogstatsd')
    this.#isEtsy = rules.types === 'etsy'
  }

  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
    out: DecodedOutput,
  ): RejectionReason | undefined {
    if (bytes[start] === UNDERSCORE) {
      const decodeOther = this.#otherDecoder(bytes, start, end)
      if (decodeOther !== undefined) {
        if (this.#rules.events === 'none') return 'unsupported'
        return decodeOther(bytes, start, end, receivedAtMs, { rules: this.#rules, limits: this.#limits, out })
      }
    }
    return this.#decodeMetric(bytes, start, trimEnd(bytes, start, end), receivedAtMs, out)
  }

  #otherDecoder(bytes: Uint8Array, start: number, end: number): typeof decodeEvent | undefined {
    if (startsWith(bytes, start, end, EVENT)) return decodeEvent
    return startsWith(bytes, start, end, SERVICE_CHECK) ? decodeServiceCheck : undefined
  }

  #decodeMetric(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
    out: DecodedOutput,
  ): RejectionReason | undefined {
    const nameEnd = findColonOrPipe(bytes, start, end)
    if (nameEnd === end || bytes[nameEnd] === PIPE) return 'no_value'
    const tags = this.#tags
    tags.length = 0
    const name = this.#names.read(bytes, start, nameEnd, tags)
    if (name === '') return 'empty_name'

    const valueStart = nameEnd + 1
    const valueEnd = find(PIPE, bytes, valueStart, end)
    if (valueEnd === valueStart && !this.#isEtsy) return 'no_value'
    if (valueEnd === end) return valueEnd === valueStart ? 'no_value' : 'no_type'

    const { severalValues } = this.#rules
    const linksEnd =
      severalValues === 'packed'
        ? -1
        : findLinksEnd(bytes, valueStart, valueEnd, end, severalValues === 'chained')
    const reason =
      refuseName(name, this.#limits) ??
      (linksEnd < 0
        ? this.#readTrailer(bytes, valueEnd + 1, end, receivedAtMs)
        : this.#readFields(bytes, linksEnd + 1, end, receivedAtMs)) ??
      settleTags(tags, this.#rules, this.#limits)
    if (reason !== undefined) return reason
    this.#sample.key = tags.length === 0 ? name : formatSeriesKey(name, tags)

    if (linksEnd >= 0) {
      return this.#chain(bytes, valueStart, linksEnd) ?? this.#chain(bytes, valueStart, linksEnd, out)
    }
    // A single value puts nothing out before it is known to be good.
    if (this.#sample.type === 'set' || find(COLON, bytes, valueStart, valueEnd) === valueEnd) {
      return this.#value(bytes, valueStart, valueEnd, out)
    }
    return this.#values(bytes, valueStart, valueEnd) ?? this.#values(bytes, valueStart, valueEnd, out)
  }

  /** `1|c:12|ms|@0.5:7|g`. With `out`, puts the values out; without, only says whether they can be. */
  #chain(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    const lineWeight = this.#fieldWeight
    for (let linkStart = start; linkStart <= end; ) {
      const linkEnd = find(COLON, bytes, linkStart, end)
      const valueEnd = find(PIPE, bytes, linkStart, linkEnd)
      if (valueEnd === linkEnd) return valueEnd === linkStart ? 'no_value' : 'no_type'
      if (valueEnd === linkStart && !this.#isEtsy) return 'no_value'
      this.#fieldWeight = lineWeight
      const typeEnd = find(PIPE, bytes, valueEnd + 1, linkEnd)
      const reason =
        this.#readLinkRate(bytes, typeEnd, linkEnd) ??
        this.#readType(bytes, valueEnd + 1, typeEnd) ??
        this.#settleType() ??
        this.#value(bytes, linkStart, valueEnd, out)
      this.#fieldWeight = lineWeight
      if (reason !== undefined) return reason
      linkStart = linkEnd + 1
    }
    return undefined
  }

  /** `12:15:9`. Empty values between the colons are passed over, as long as one is left. */
  #values(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
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

  /** One value of the type that has been read. */
  #value(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    const sample = this.#sample
    if (sample.type === 'set') {
      sample.value = 0
      sample.isDelta = false
      // An empty member, which only etsy's dialect lets come this far, is '0' there.
      if (out !== undefined) sample.member = start === end ? '0' : decodeUtf8(bytes, start, end)
    } else {
      const value = parseDecimal(bytes, start, end)
      if (Number.isNaN(value) || value < this.#lowestValue) return start === end ? 'no_value' : 'bad_number'
      if (this.#timeMs >= 0) return this.#timedValue(value, out)
      sample.value = value
      sample.isDelta =
        sample.type === 'gauge' &&
        this.#rules.gaugeSign === 'relative' &&
        (bytes[start] === PLUS || bytes[start] === MINUS)
      sample.member = ''
    }
    out?.sample(sample)
    return undefined
  }

  /** A value with a time of its own is a point. A gauge's sign is part of its value then: nothing is there to add to. */
  #timedValue(value: number, out?: DecodedOutput): RejectionReason | undefined {
    const { key, type, weight } = this.#sample
    const point = this.#point
    point.key = key
    point.type = type === 'counter' ? 'counter' : 'gauge'
    point.timeMs = this.#timeMs
    point.value = value * weight
    if (!Number.isFinite(point.value)) return 'bad_number'
    out?.point(point)
    return undefined
  }

  /** `ms|@0.5|#env:prod`. */
  #readTrailer(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
  ): RejectionReason | undefined {
    const typeEnd = find(PIPE, bytes, start, end)
    return (
      this.#readType(bytes, start, typeEnd) ??
      this.#readFields(bytes, typeEnd + 1, end, receivedAtMs) ??
      this.#settleType()
    )
  }

  #readType(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
    const type = readType(bytes, start, end, this.#rules.types)
    if (type === undefined) return start === end ? 'no_type' : 'unknown_type'
    this.#sample.type = type
    this.#lowestValue = !this.#rules.hasNegativeTimes && isTime(bytes, start, end) ? 0 : -Infinity
    return undefined
  }

  /** What follows from the type and the fields together. */
  #settleType(): RejectionReason | undefined {
    const { type } = this.#sample
    const isCounter = type === 'counter'
    this.#sample.weight = isCounter || type === 'timer' ? this.#fieldWeight : 1
    return this.#timeMs >= 0 && !isCounter && type !== 'gauge' ? 'bad_timestamp' : undefined
  }

  /** What a link has behind its type: nothing but a rate. */
  #readLinkRate(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
    for (let fieldStart = start + 1; fieldStart <= end; ) {
      const fieldEnd = find(PIPE, bytes, fieldStart, end)
      if (bytes[fieldStart] === AT && fieldEnd > fieldStart) {
        const reason = this.#readRate(bytes, fieldStart + 1, fieldEnd)
        // Etsy's statsd looks at one field behind the type, and at no other.
        if (reason !== undefined || this.#isEtsy) return reason
      } else if (this.#isEtsy || fieldEnd > fieldStart) {
        return 'bad_field'
      }
      fieldStart = fieldEnd + 1
    }
    return undefined
  }

  /** `@0.5|#env:prod|T1700000000|c:id`, in any order. */
  #readFields(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
  ): RejectionReason | undefined {
    this.#fieldWeight = 1
    this.#timeMs = -1
    for (let fieldStart = start; fieldStart < end; ) {
      const fieldEnd = find(PIPE, bytes, fieldStart, end)
      const mark = fieldEnd > fieldStart ? bytes[fieldStart] : 0
      if (mark === AT) {
        const reason = this.#readRate(bytes, fieldStart + 1, fieldEnd)
        if (reason !== undefined) return reason
      } else if (mark === HASH) {
        if (this.#readsTags) {
          addDogstatsdTags(decodeUtf8(bytes, fieldStart + 1, fieldEnd), this.#tags, this.#tagText)
        }
      } else if (mark === LETTER_T && this.#rules.hasTimedPoints) {
        const timeMs = readDigits(bytes, fieldStart + 1, fieldEnd) * 1_000
        if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
        this.#timeMs = timeMs
      }
      // Container, origin, cardinality and whatever comes later: passed over.
      fieldStart = fieldEnd + 1
    }
    return undefined
  }

  #readRate(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
    const rate = parseDecimal(bytes, start, end)
    this.#fieldWeight = 1 / rate
    return rate > 0 && rate <= 1 && this.#fieldWeight < Infinity ? undefined : 'bad_sample_rate'
  }
}

const EVENT = Buffer.from('_e{')
const SERVICE_CHECK = Buffer.from('_sc|')

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[start + index] !== prefix[index]) return false
  }
  return true
}

function findColonOrPipe(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== COLON && bytes[at] !== PIPE) at++
  return at
}
