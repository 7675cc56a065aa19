import type { Tag } from '../../model/series-key.ts'
import { UNPRINTABLE } from '../unprintable.ts'
import type { TimeUnit } from './decode-line.ts'

/**
 * Influx' line protocol as versions 1, 2 and 3 of InfluxDB read it. docs/guide/sinks/influxdb.md says what becomes of each character.
 *
 *   api.time,env=prod,host=a\ b count=5,upper_90=17.5 1700000000000
 *   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ ^^^^^^^^^^^^^^^^^^^^^ ^^^^^^^^^^^^^^
 *   encodeSeries                encodeFields          formatTime
 *
 * A line is the three of them, with blanks between and LF behind.
 */

/** Measurement, which is not empty, and tags. `isField`: keys that fields have. */
export function encodeSeries(
  measurement: string,
  tags: readonly Tag[],
  isField: (key: string) => boolean,
): string {
  let text = escapeMeasurement(measurement)
  for (const [key, value] of toWireTags(tags, isField)) text += `,${escapeKey(key)}=${escapeKey(value)}`
  return text
}

/** At least one. Numbers are finite, and written as floats. */
export function encodeFields(fields: readonly (readonly [key: string, value: number | string])[]): string {
  let text = ''
  for (const [key, value] of fields)
    text += `${text === '' ? '' : ','}${escapeKey(key)}=${typeof value === 'number' ? value : quote(value)}`
  return text
}

/** Exact for whole milliseconds, but for `s`, which has the second that they are in. */
export function formatTime(timeMs: number, unit: Exclude<TimeUnit, 'm' | 'h'>): string {
  if (unit === 's') return String(Math.floor(timeMs / 1000))
  const wholeMs = Math.round(timeMs)
  // Never as `-0`, nor with zeros behind a lone 0.
  return wholeMs === 0 ? '0' : `${wholeMs}${ZEROS[unit]}`
}

const ZEROS = { ms: '', us: '000', ns: '000000' } as const

/** Keys that InfluxDB has for itself. */
const RESERVED = new Set(['time', '_time', '_field', '_measurement'])

/**
 * Sorted by key, as InfluxDB likes them best. Those without a value are left out, of those with one key the values are joined, and a key that
 * is reserved, or a field's, has a `_` behind it: version 3 has one column for both.
 */
function toWireTags(tags: readonly Tag[], isField: (key: string) => boolean): readonly Tag[] {
  const values = new Map<string, string>()
  for (const [key, value] of tags) {
    const plainKey = withoutBreaks(key)
    const plainValue = withoutBreaks(value)
    if (plainKey === '' || plainValue === '') continue
    const isTaken = RESERVED.has(plainKey) || isField(plainKey)
    const wireKey = isTaken ? `${plainKey}_` : plainKey
    const before = values.get(wireKey)
    values.set(wireKey, before === undefined ? plainValue : `${before}__${plainValue}`)
  }
  return [...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function escapeMeasurement(name: string): string {
  // A line that begins with # is a comment.
  const plain = withoutBreaks(name).replace(/^#/, '_')
  return NEEDS_ESCAPE.test(plain) ? plain.replace(/[, ]/g, '\\$&') : plain
}

function escapeKey(text: string): string {
  const plain = withoutBreaks(text)
  return NEEDS_ESCAPE.test(plain) ? plain.replace(/[,= ]/g, '\\$&') : plain
}

const NEEDS_ESCAPE = /[,= ]/

/**
 * Nothing that ends a line or cannot be shown, and no backslash: before a comma it would be read as an escape, and versions differ in what two of
 * them are.
 */
function withoutBreaks(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .replace(/[\r\n\t\v\f\u0085\u2028\u2029\\]/g, '_')
    .replace(UNPRINTABLE, '_')
    .toWellFormed()
}

// Fast path: what nearly all names are made of.
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/

/** Line protocol has no line ends in texts: they become `\n`, two characters. */
function quote(text: string): string {
  const plain = text.replace(/\r?\n|\r/g, '\\n').toWellFormed()
  return `"${plain.replace(/["\\]/g, '\\$&')}"`
}
