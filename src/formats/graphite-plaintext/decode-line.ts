import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { decodeLatin1, decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { parseDecimal } from '../parse-decimal.ts'
import { addGraphiteTags } from '../tags.ts'
import { isSaneName, sanitiseName } from './sanitise-name.ts'

export const MAX_LINE_BYTES = 65_535

/**
 * One line of Graphite's plaintext: a point that brings its own time. docs/formats/graphite-plaintext.md is the
 * published description.
 *
 *   servers.web1.load;dc=fra 0.42 1700000000
 *   ^^^^^^^^^^^^^^^^^ ^^^^^^ ^^^^ ^^^^^^^^^^
 *   name              tags   value  seconds since 1970, decimals allowed; -1 is now
 *
 * Fields are parted by runs of blanks.
 */
export class LineDecoder {
  /** Scratch: written before it is read, line by line. */
  readonly #point: Point = { key: '', timeMs: 0, value: 0 }
  readonly #tags: Tag[] = []

  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
    out: DecodedOutput,
  ): RejectionReason | undefined {
    const nameStart = skipBlanks(bytes, start, end)
    const nameEnd = skipField(bytes, nameStart, end)
    const valueStart = skipBlanks(bytes, nameEnd, end)
    if (valueStart === end) return 'no_value'
    const key = this.#readKey(bytes, nameStart, nameEnd)
    if (key === '') return 'empty_name'

    const valueEnd = skipField(bytes, valueStart, end)
    const value = parseDecimal(bytes, valueStart, valueEnd)
    if (Number.isNaN(value)) return 'bad_number'

    const secondsStart = skipBlanks(bytes, valueEnd, end)
    const secondsEnd = skipField(bytes, secondsStart, end)
    const seconds = parseDecimal(bytes, secondsStart, secondsEnd)
    const timeMs = seconds === -1 ? receivedAtMs : Math.round(seconds * 1_000)
    if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
    if (skipBlanks(bytes, secondsEnd, end) !== end) return 'bad_field'

    const point = this.#point
    point.key = key
    point.timeMs = timeMs
    point.value = value
    out.point(point)
    return undefined
  }

  #readKey(bytes: Uint8Array, start: number, end: number): string {
    // Fast path: a name that is as it should be, and no tags.
    if (isSaneName(bytes, start, end)) return decodeLatin1(bytes, start, end)
    const text = decodeUtf8(bytes, start, end)
    const nameEnd = text.indexOf(';')
    if (nameEnd < 0) return sanitiseName(text)
    const name = sanitiseName(text.slice(0, nameEnd))
    if (name === '') return ''
    this.#tags.length = 0
    addGraphiteTags(text.slice(nameEnd + 1), this.#tags)
    return formatSeriesKey(name, this.#tags)
  }
}

const SPACE = 0x20
const TAB = 0x09

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  return at
}

function skipField(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++
  return at
}
