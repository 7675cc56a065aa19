import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import type { Sample } from '../../model/sample.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { addDogstatsdTags, TAG_TEXT, type TagText } from '../tags.ts'
import { COLON, HASH, MINUS, PIPE, PLUS, UNDERSCORE } from './ascii.ts'
import { decodeEvent, decodeServiceCheck } from './decode-event.ts'
import { FieldReader } from './read-fields.ts'
import { findLinksEnd } from './find-links-end.ts'
import { KeyMemory } from './key-memory.ts'
import { refuseName, type StatsdLimits } from './limits.ts'
import type { DialectRules } from './profile.ts'
import { NameReader } from './read-name.ts'
import { isTime, readType, timerKindOf } from './read-type.ts'
import { ETSY_TAG_TEXT } from './sanitise-name.ts'
import { find, findPair, trimEnd } from './scan.ts'
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
  readonly #fields: FieldReader
  readonly #keys = new KeyMemory()
  readonly #tagText: TagText
  readonly #isEtsy: boolean

  /** Scratch: written before it is read, line by line. */
  readonly #sample: Sample = {
    key: '',
    type: 'counter',
    timerKind: 'timing',
    value: 0,
    weight: 1,
    isDelta: false,
    member: '',
  }
  readonly #point: Point = { key: '', type: 'counter', timeMs: 0, value: 0 }
  readonly #tags: Tag[] = []
  /** Times are not negative; other values may be. */
  #lowestValue = 0

  constructor(rules: DialectRules, limits: StatsdLimits) {
    this.#rules = rules
    this.#limits = limits
    this.#names = new NameReader(rules)
    this.#tagText = rules.hasEtsyTags ? ETSY_TAG_TEXT : TAG_TEXT
    this.#fields = new FieldReader(rules)
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
    if (nameEnd === start) return 'empty_name'

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
      (linksEnd < 0
        ? this.#readTrailer(bytes, valueEnd + 1, end, receivedAtMs)
        : this.#fields.read(bytes, linksEnd + 1, end, receivedAtMs)) ??
      this.#findKey(bytes, start, nameEnd, end)
    if (reason !== undefined) return reason

    if (linksEnd >= 0) {
      return this.#chain(bytes, valueStart, linksEnd) ?? this.#chain(bytes, valueStart, linksEnd, out)
    }
    // A single value puts nothing out before it is known to be good.
    if (this.#sample.type === 'set' || find(COLON, bytes, valueStart, valueEnd) === valueEnd) {
      return this.#value(bytes, valueStart, valueEnd, out)
    }
    return this.#values(bytes, valueStart, valueEnd) ?? this.#values(bytes, valueStart, valueEnd, out)
  }

  /** Sets the key of the name `bytes[start..end)` with the tags that the fields had. */
  #findKey(bytes: Uint8Array, start: number, end: number, lineEnd: number): RejectionReason | undefined {
    const { tagsStart, tagsEnd, hasMoreTags } = this.#fields
    // What is remembered is of the first tags alone.
    const known = hasMoreTags ? undefined : this.#keys.find(bytes, start, end, tagsStart, tagsEnd)
    if (known !== undefined) {
      this.#sample.key = known
      return undefined
    }
    const tags = this.#tags
    tags.length = 0
    const name = this.#names.read(bytes, start, end, tags)
    if (name === '') return 'empty_name'
    this.#readTags(bytes, tagsStart, hasMoreTags ? lineEnd : tagsEnd)
    const reason = refuseName(name, this.#limits) ?? settleTags(tags, this.#rules, this.#limits)
    if (reason !== undefined) return reason
    const key = formatSeriesKey(name, tags)
    this.#sample.key = key
    if (!hasMoreTags) this.#keys.keep(bytes, start, end, tagsStart, tagsEnd, key)
    return undefined
  }

  /** `env:prod,canary`, and what follows in other fields up to `end`. */
  #readTags(bytes: Uint8Array, start: number, end: number): void {
    for (let tagsStart = start; tagsStart < end; ) {
      const tagsEnd = find(PIPE, bytes, tagsStart, end)
      addDogstatsdTags(decodeUtf8(bytes, tagsStart, tagsEnd), this.#tags, this.#tagText)
      tagsStart = findPair(PIPE, HASH, bytes, tagsEnd, end) + 2
    }
  }

  /** `1|c:12|ms|@0.5:7|g`. With `out`, puts the values out; without, only says whether they can be. */
  #chain(bytes: Uint8Array, start: number, end: number, out?: DecodedOutput): RejectionReason | undefined {
    const lineWeight = this.#fields.weight
    for (let linkStart = start; linkStart <= end; ) {
      const linkEnd = find(COLON, bytes, linkStart, end)
      const valueEnd = find(PIPE, bytes, linkStart, linkEnd)
      if (valueEnd === linkEnd) return valueEnd === linkStart ? 'no_value' : 'no_type'
      if (valueEnd === linkStart && !this.#isEtsy) return 'no_value'
      this.#fields.weight = lineWeight
      const typeEnd = find(PIPE, bytes, valueEnd + 1, linkEnd)
      const reason =
        this.#fields.readLinkRate(bytes, typeEnd, linkEnd) ??
        this.#readType(bytes, valueEnd + 1, typeEnd) ??
        this.#settleType() ??
        this.#value(bytes, linkStart, valueEnd, out)
      this.#fields.weight = lineWeight
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
      if (this.#fields.timeMs >= 0) return this.#timedValue(value, out)
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
    point.timeMs = this.#fields.timeMs
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
      this.#fields.read(bytes, typeEnd + 1, end, receivedAtMs) ??
      this.#settleType()
    )
  }

  #readType(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
    const type = readType(bytes, start, end, this.#rules.types)
    if (type === undefined) return start === end ? 'no_type' : 'unknown_type'
    this.#sample.type = type
    this.#sample.timerKind = type === 'timer' ? timerKindOf(bytes, start, end) : 'timing'
    this.#lowestValue = !this.#rules.hasNegativeTimes && isTime(bytes, start, end) ? 0 : -Infinity
    return undefined
  }

  /** What follows from the type and the fields together. */
  #settleType(): RejectionReason | undefined {
    const { type } = this.#sample
    const isCounter = type === 'counter'
    this.#sample.weight = isCounter || type === 'timer' ? this.#fields.weight : 1
    return this.#fields.timeMs >= 0 && !isCounter && type !== 'gauge' ? 'bad_timestamp' : undefined
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
