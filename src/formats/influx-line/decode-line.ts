import type { Point } from '../../model/point.ts'
import type { RejectionReason } from '../../model/rejection.ts'
import { formatSeriesKey, type Tag } from '../../model/series-key.ts'
import { decodeUtf8 } from '../decode-text.ts'
import type { DecodedOutput } from '../format.ts'
import { FUTURE_LIMIT_MS } from '../future-limit.ts'
import { sanitiseName } from '../graphite-plaintext/sanitise-name.ts'
import { TAG_TEXT } from '../tags.ts'

/** In what times are given. */
export const TIME_UNITS = ['ns', 'us', 'ms', 's', 'm', 'h'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

const MS_PER_UNIT: Readonly<Record<TimeUnit, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * One line of Influx' line protocol: a point for each field that is a number or true or false.
 * docs/formats/influx-line.md is the published description.
 *
 *   cpu,host=web1,dc=fra usage=0.5,cores=8i 1700000000000000000
 *   ^^^ ^^^^^^^^^^^^^^^^ ^^^^^^^^^ ^^^^^^^^ ^^^^^^^^^^^^^^^^^^^
 *   measurement tags     fields             time
 *
 *   cpu_usage;dc=fra;host=web1 and cpu_cores;dc=fra;host=web1
 *
 * A backslash goes before a comma, a blank or an equals sign that belongs to a name. A line that begins with # says nothing.
 */
export class LineDecoder {
  readonly #msPerUnit: number
  /** Scratch: written before it is read, line by line. */
  readonly #points: { key: string; value: number }[] = []
  readonly #tags: Tag[] = []

  constructor(unit: TimeUnit = 'ns') {
    this.#msPerUnit = MS_PER_UNIT[unit]
  }

  decode(
    bytes: Uint8Array,
    start: number,
    end: number,
    receivedAtMs: number,
    out: DecodedOutput,
  ): RejectionReason | undefined {
    const text = decodeUtf8(bytes, start, end).trim()
    if (text === '' || text.startsWith('#')) return undefined
    const nameEnd = endOfName(text, 0, ', ')
    const measurement = unescape(text.slice(0, nameEnd))
    if (measurement === '') return 'empty_name'
    const tagsEnd = this.#readTags(text, nameEnd)
    if (tagsEnd < 0) return 'bad_field'
    const fieldsStart = skipBlanks(text, tagsEnd)
    if (fieldsStart === text.length) return 'no_value'
    this.#points.length = 0
    const result = this.#readFields(text, fieldsStart, measurement)
    if (typeof result === 'string') return result

    const timeMs = this.#readTime(text.slice(skipBlanks(text, result)), receivedAtMs)
    if (!(timeMs > 0 && timeMs <= receivedAtMs + FUTURE_LIMIT_MS)) return 'bad_timestamp'
    for (const { key, value } of this.#points) {
      const point: Point = { key, value, timeMs }
      out.point(point)
    }
    return undefined
  }

  /** Returns where they end, or -1. One without a value counts for nothing. */
  #readTags(text: string, nameEnd: number): number {
    this.#tags.length = 0
    let at = nameEnd
    while (text[at] === ',') {
      const keyEnd = endOfName(text, at + 1, '=, ')
      if (text[keyEnd] !== '=') return -1
      const valueEnd = endOfName(text, keyEnd + 1, ', ')
      const key = TAG_TEXT.key(unescape(text.slice(at + 1, keyEnd)))
      const value = TAG_TEXT.value(unescape(text.slice(keyEnd + 1, valueEnd)))
      if (key !== '' && value !== '') this.#tags.push([key, value])
      at = valueEnd
    }
    return at
  }

  /** Returns where they end, or why they are none. */
  #readFields(text: string, start: number, measurement: string): number | RejectionReason {
    for (let at = start; ; at += 1) {
      const keyEnd = endOfName(text, at, '=, ')
      if (text[keyEnd] !== '=' || keyEnd === at) return 'bad_field'
      const field = unescape(text.slice(at, keyEnd))
      const isText = text[keyEnd + 1] === '"'
      const valueEnd = isText ? endOfText(text, keyEnd + 2) : endOfName(text, keyEnd + 1, ', ')
      if (valueEnd < 0) return 'bad_field'
      if (!isText) {
        const value = readNumber(text.slice(keyEnd + 1, valueEnd))
        if (Number.isNaN(value)) return 'bad_number'
        const name = sanitiseName(`${measurement}_${field}`)
        if (name === '') return 'empty_name'
        this.#points.push({ key: formatSeriesKey(name, this.#tags), value })
      }
      at = valueEnd
      if (text[at] !== ',') {
        return at === text.length || text[at] === ' ' ? at : 'bad_field'
      }
    }
  }

  #readTime(text: string, receivedAtMs: number): number {
    if (text === '') return receivedAtMs
    return /^-?[0-9]{1,20}$/.test(text) ? Math.floor(Number(text) * this.#msPerUnit) : Number.NaN
  }
}

/** Where one of the marks stands that is not escaped, or the text ends. */
function endOfName(text: string, start: number, marks: string): number {
  let at = start
  while (at < text.length && !marks.includes(text[at] as string)) at += text[at] === '\\' ? 2 : 1
  return Math.min(at, text.length)
}

/** Behind the quotation mark that ends a text; -1: there is none. */
function endOfText(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return -1
}

/** A backslash before anything else stands for itself. */
function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\([,= ])/g, '$1') : text
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (text[at] === ' ') at++
  return at
}

/** `1.5`, `1e3`, `3i`, `3u`, `t`, `false`; NaN: none of them. */
function readNumber(text: string): number {
  const truth = TRUTHS.get(text)
  if (truth !== undefined) return truth
  const isWhole = text.endsWith('i') || text.endsWith('u')
  const digits = isWhole ? text.slice(0, -1) : text
  const shape = isWhole ? /^[+-]?[0-9]+$/ : /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/
  const value = shape.test(digits) ? Number(digits) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}

const TRUTHS: ReadonlyMap<string, number> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((text) => [text, 1] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, 0] as const),
])
