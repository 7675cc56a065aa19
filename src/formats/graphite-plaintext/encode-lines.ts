import type { SeriesIdentity } from '../../model/series-identity.ts'
import { parseSeriesKey, type SeriesKey } from '../../model/series-key.ts'

/**
 * Graphite's plaintext protocol: one line per point.
 *
 *   stats.counters.api;env=prod 10 1700000000
 *   ^^^^^^^^^^^^^^^^^^^^^^^^^^^                 name and tags, without white space
 *                               ^^             value: a finite decimal
 *                                  ^^^^^^^^^^  seconds since 1970
 */
export interface PointsToEncode {
  readonly series: readonly SeriesIdentity[]
  readonly values: Float64Array
  /** One time for all, or one for each. */
  readonly timesMs: number | Float64Array
}

/** Text of about this many characters is put out at a time. */
const PIECE_CHARACTERS = 65_536

/**
 * carbon closes the connection at a line of 16,384 bytes or more: one such name would bring the whole batch back for
 * ever. The rest of the line is far shorter than what is left.
 */
const MAX_NAME_BYTES = 16_000

/** Remembers the name on the wire of each series: identities are the same objects from flush to flush. */
export type WireNames = WeakMap<SeriesIdentity, string>

/** Yields lines in bounded pieces. `refuse` is called for each point that no line can carry. */
export function* encodeLines(
  points: PointsToEncode,
  names: WireNames,
  refuse: () => void,
): Generator<string> {
  const { series, values, timesMs } = points
  const commonEnd = typeof timesMs === 'number' ? lineEnd(timesMs) : undefined
  let piece = ''
  for (let i = 0; i < series.length; i += 1) {
    const identity = series[i] as SeriesIdentity
    const value = values[i] as number
    const name = wireName(identity, names)
    if (name === '' || !Number.isFinite(value)) {
      refuse()
      continue
    }
    piece += `${name} ${value}${commonEnd ?? lineEnd((timesMs as Float64Array)[i] as number)}`
    if (piece.length >= PIECE_CHARACTERS) {
      yield piece
      piece = ''
    }
  }
  if (piece !== '') yield piece
}

function lineEnd(timeMs: number): string {
  return ` ${Math.floor(timeMs / 1000)}\n`
}

/** '' when no line can carry it. */
function wireName(identity: SeriesIdentity, names: WireNames): string {
  let name = names.get(identity)
  if (name === undefined) {
    name = toWireName(identity.key)
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) name = ''
    names.set(identity, name)
  }
  return name
}

/** The key as it is, but for what would break the line or make carbon refuse it: that becomes `_`. */
export function toWireName(key: SeriesKey): string {
  const { name, tags } = parseSeriesKey(key)
  let text = withoutBreaks(name) || '_'
  for (const [tagKey, tagValue] of tags) {
    // carbon takes neither an empty key or value, nor `!` and `^` in a key, nor `~` at the start of a value.
    const wireKey = withoutBreaks(tagKey).replace(/[!^=]/g, '_') || '_'
    const wireValue = withoutBreaks(tagValue).replace(/^~/, '_') || '_'
    text += `;${wireKey}=${wireValue}`
  }
  return text
}

/** White space splits a line, as Python's `split` understands it: all of Unicode's, and some control characters. */
function withoutBreaks(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]/g, '_')
}
