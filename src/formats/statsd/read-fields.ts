import type { RejectionReason } from '../../model/rejection.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { AT, HASH, LETTER_T, PIPE } from './ascii.ts'
import type { DialectRules } from './profile.ts'
import { find, readDigits } from './scan.ts'

/** Reads what stands behind the type of a value, and says what was found until it reads again. */
export class FieldReader {
  /** 1 / sample rate. */
  weight = 1
  /** The time of the values, or -1. */
  timeMs = -1
  /** The first tags that are not empty, and whether there are more behind them. */
  tagsStart = 0
  tagsEnd = 0
  hasMoreTags = false

  readonly #isEtsy: boolean
  readonly #readsTags: boolean
  readonly #hasTimedPoints: boolean

  constructor(rules: DialectRules) {
    this.#isEtsy = rules.types === 'etsy'
    this.#readsTags = rules.tagForms.includes('dogstatsd')
    this.#hasTimedPoints = rules.hasTimedPoints
  }

  /** `@0.5|#env:prod|T1700000000|c:id`, in any order. */
  read(bytes: Uint8Array, start: number, end: number, receivedAtMs: number): RejectionReason | undefined {
    this.weight = 1
    this.timeMs = -1
    this.tagsStart = start
    this.tagsEnd = start
    this.hasMoreTags = false
    for (let fieldStart = start; fieldStart < end; ) {
      const fieldEnd = find(PIPE, bytes, fieldStart, end)
      const mark = fieldEnd > fieldStart ? bytes[fieldStart] : 0
      if (mark === AT) {
        const reason = this.#readRate(bytes, fieldStart + 1, fieldEnd)
        if (reason !== undefined) return reason
      } else if (mark === HASH) {
        if (this.#readsTags) this.#noteTags(fieldStart + 1, fieldEnd)
      } else if (mark === LETTER_T && this.#hasTimedPoints) {
        const timeMs = readDigits(bytes, fieldStart + 1, fieldEnd) * 1_000
        if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
        this.timeMs = timeMs
      }
      // Container, origin, cardinality and whatever comes later: passed over.
      fieldStart = fieldEnd + 1
    }
    return undefined
  }

  /** What a link has behind its type: nothing but a rate. */
  readLinkRate(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
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

  #noteTags(start: number, end: number): void {
    if (this.tagsStart < this.tagsEnd) {
      this.hasMoreTags = true
    } else {
      this.tagsStart = start
      this.tagsEnd = end
    }
  }

  #readRate(bytes: Uint8Array, start: number, end: number): RejectionReason | undefined {
    const rate = parseDecimal(bytes, start, end)
    this.weight = 1 / rate
    return rate > 0 && rate <= 1 && this.weight < Infinity ? undefined : 'bad_sample_rate'
  }
}
