import { type PickledValue, unpickle } from './unpickle.ts'

/** What carbon's PICKLE_RECEIVER_MAX_LENGTH is set to. */
export const MAX_MESSAGE_BYTES = 1_048_576

/**
 * A message of a megabyte has fewer points than this, unless it names one of them over and over; and less text once names that it writes
 * once are written in full.
 */
const MOST_POINTS = 100_000
const MOST_CHARACTERS = 16_777_216

/** Text of about this many characters is handed on at a time. */
const PIECE_CHARACTERS = 65_536

/** Where what a message holds is put, in the order of the message. */
export interface PickledLines {
  /** Lines of Graphite's plaintext, each ended by LF. */
  lines(text: string): void
  /** An entry that is no point, as text. */
  refused(entry: string): void
}

/**
 * The message `bytes[start..end)` of carbon's pickle protocol, without its length:
 *
 *   [("servers.web1.load;dc=fra", (1700000000, 0.42)), ...]
 *
 * Its points are written as lines of Graphite's plaintext, and so mean what they mean there: -1 is now, and what is no number is
 * refused as it is there. What parts the fields of a line is `_` in a path. false: it is no such list, and nothing was put out.
 */
export function decodePickledPoints(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: PickledLines,
): boolean {
  const entries = unpickle(bytes, start, end)
  if (!Array.isArray(entries) || entries.length > MOST_POINTS) return false
  if (countCharacters(entries) > MOST_CHARACTERS) return false
  let piece = ''
  const put = (): void => {
    if (piece !== '') out.lines(piece)
    piece = ''
  }
  for (const entry of entries as readonly PickledValue[]) {
    const line = toLine(entry)
    if (line !== undefined) piece += line
    else {
      put()
      out.refused(describe(entry))
    }
    if (piece.length >= PIECE_CHARACTERS) put()
  }
  put()
  return true
}

function countCharacters(entries: readonly PickledValue[]): number {
  let characters = 0
  for (const entry of entries) {
    if (!isList(entry)) continue
    const [path, point] = entry
    characters += lengthOf(path)
    if (isList(point)) characters += lengthOf(point[0]) + lengthOf(point[1])
  }
  return characters
}

function lengthOf(value: PickledValue | undefined): number {
  return typeof value === 'string' ? value.length : 0
}

/** undefined: it is not (path, (time, value)). */
function toLine(entry: PickledValue): string | undefined {
  if (!isList(entry) || entry.length !== 2) return undefined
  const [path, point] = entry
  if (typeof path !== 'string' || !isList(point) || point.length !== 2) return undefined
  const [time, value] = point.map(toField)
  const name = path.replace(/[ \t\r\n]+/g, '_')
  // An empty field would make the next one take its place.
  if (name === '' || time === undefined || value === undefined) return undefined
  return `${name} ${value} ${time}\n`
}

/** As Python's float() takes it: numbers as text too, with blanks around them. */
function toField(value: PickledValue): string | undefined {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return text === '' || /[ \t\r\n]/.test(text) ? undefined : text
}

function isList(value: PickledValue | undefined): value is readonly PickledValue[] {
  return Array.isArray(value)
}

/** Not deeper than an entry goes: a list may hold itself. */
function describe(value: PickledValue, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  if (!isList(value)) return String(value)
  if (depth === 2) return '[...]'
  const shown = value.slice(0, 4).map((one) => describe(one, depth + 1))
  return `[${shown.join(', ')}${value.length > 4 ? ', ...' : ''}]`
}
