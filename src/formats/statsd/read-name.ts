import type { Tag } from '../../model/series-key.ts'
import { decodeLatin1, decodeUtf8 } from '../decode-text.ts'
import { addCommaTags, addGraphiteTags, TAG_TEXT, type TagText } from '../tags.ts'
import type { DialectRules } from './profile.ts'
import { ETSY_TAG_TEXT, isNameByte, sanitiseName } from './sanitise-name.ts'

/**
 * Reads what stands in front of the first ':': a name, and the tags that some dialects write into it.
 *
 *   api.hits;env=prod          Graphite   the first ';' ends the name
 *   api.hits,env=prod          Influx     the first ',' or '#' ends the name, up to the first ';' if there is one;
 *   api.hits#env=prod          Librato      they may stand in a name without a meaning, so there must be a '=' behind them
 *   api[env=prod].hits         SignalFx   is cut out of the name; for the same reason there is a '=', or nothing, in it. A bracket
 *                              without its other is no mark, and then neither are ',' and '#'
 *
 * One name may carry several of these; the tags add up.
 */
export class NameReader {
  readonly #rules: DialectRules
  readonly #tagText: TagText
  readonly #hasGraphite: boolean
  readonly #hasSignalfx: boolean
  /** A character class of the marks that begin comma-separated tags; undefined if none does. */
  readonly #commaMarks: RegExp | undefined
  /** 1 for each byte that neither the rule for names nor a form of tags has anything to do with. */
  readonly #isPlain: Uint8Array

  constructor(rules: DialectRules) {
    this.#rules = rules
    this.#tagText = rules.hasEtsyTags ? ETSY_TAG_TEXT : TAG_TEXT
    const has = new Set(rules.tagForms)
    this.#hasGraphite = has.has('graphite')
    this.#hasSignalfx = has.has('signalfx')
    const marks = (has.has('influx') ? ',' : '') + (has.has('librato') ? '#' : '')
    this.#commaMarks = marks === '' ? undefined : new RegExp(`[${marks}]`)
    const allMarks = marks + (this.#hasSignalfx ? '[' : '')
    this.#isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
      isNameByte(byte, rules.names) && !allMarks.includes(String.fromCharCode(byte)) ? 1 : 0,
    )
  }

  /** The sanitised name, '' if nothing is left of it. Appends its tags. */
  read(bytes: Uint8Array, start: number, end: number, tags: Tag[]): string {
    return this.isSane(bytes, start, end)
      ? decodeLatin1(bytes, start, end)
      : this.#readCarefully(decodeUtf8(bytes, start, end), tags)
  }

  /** Whether `bytes[start..end)` has no tags and would become what it is anyway. Nearly every name is like that. */
  isSane(bytes: Uint8Array, start: number, end: number): boolean {
    const isPlain = this.#isPlain
    let previous = POINT
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (isPlain[byte] !== 1 || (byte === POINT && previous === POINT)) return false
      previous = byte
    }
    return previous !== POINT
  }

  #readCarefully(text: string, tags: Tag[]): string {
    const open = this.#hasSignalfx ? text.indexOf('[') : -1
    const close = this.#hasSignalfx ? text.indexOf(']', Math.max(open, 0)) : -1
    const isBroken = open < 0 !== close < 0
    let name = open < 0 || close < 0 ? text : this.#cutBrackets(text, open, close, tags)

    const semicolon = this.#hasGraphite ? name.indexOf(';') : -1
    const graphiteTags = semicolon < 0 ? '' : name.slice(semicolon + 1)
    if (semicolon >= 0) name = name.slice(0, semicolon)
    const mark = this.#commaMarks === undefined || isBroken ? -1 : name.search(this.#commaMarks)
    if (mark >= 0 && name.includes('=', mark)) {
      addCommaTags(name.slice(mark + 1), tags, this.#tagText)
      name = name.slice(0, mark)
    }
    if (graphiteTags !== '') addGraphiteTags(graphiteTags, tags, this.#tagText)
    return sanitiseName(name, this.#rules.names)
  }

  #cutBrackets(text: string, open: number, close: number, tags: Tag[]): string {
    const inside = text.slice(open + 1, close)
    if (inside !== '' && !inside.includes('=')) return text
    addCommaTags(inside, tags, this.#tagText)
    return text.slice(0, open) + text.slice(close + 1)
  }
}

const POINT = 0x2e
