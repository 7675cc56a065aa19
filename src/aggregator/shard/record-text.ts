import { FIRST_HASH, hashText, settle } from '../../lib/text-hash.ts'

/**
 * A text in two parts, where it stands: `view[nameStart..nameEnd)` and `view[markStart..markEnd)`, each with readable bytes
 * behind it, up to seven.
 */
export interface RecordText {
  readonly view: DataView
  readonly nameStart: number
  readonly nameEnd: number
  readonly markStart: number
  readonly markEnd: number
}

export function hashOf({ view, nameStart, nameEnd, markStart, markEnd }: RecordText): number {
  return settle(hashText(hashText(FIRST_HASH, view, nameStart, nameEnd), view, markStart, markEnd))
}

/** The text of a metric's own record: its key, and how lines mark its type as a rule. Good until the next one is made. */
export function metricText(key: string, mark: string): RecordText {
  const { written } = ENCODER.encodeInto(key, NAME)
  ENCODER.encodeInto(mark, MARK)
  return {
    view: VIEW,
    nameStart: 0,
    nameEnd: written,
    markStart: MARK_START,
    markEnd: MARK_START + mark.length,
  }
}

/** A copy of two parts of a line. Good until the next one is made. */
export function copyText(name: Uint8Array, mark: Uint8Array): RecordText {
  NAME.set(name)
  MARK.set(mark)
  return {
    view: VIEW,
    nameStart: 0,
    nameEnd: name.length,
    markStart: MARK_START,
    markEnd: MARK_START + mark.length,
  }
}

/**
 * What the lengths of a record have bits for. A line is at most 65,535 bytes long, and no byte of it becomes more than
 * three; only what a rule of intake makes even longer is cut.
 */
export const MOST_NAME_BYTES = (1 << 20) - 1
export const MOST_MARK_BYTES = (1 << 12) - 1

const READ_AHEAD_BYTES = 8
const MARK_START = MOST_NAME_BYTES + READ_AHEAD_BYTES
// Memory that is not written to costs nothing.
const COPY = new Uint8Array(MARK_START + MOST_MARK_BYTES + READ_AHEAD_BYTES)
const NAME = COPY.subarray(0, MOST_NAME_BYTES)
const MARK = COPY.subarray(MARK_START, MARK_START + MOST_MARK_BYTES)
const VIEW = new DataView(COPY.buffer)
const ENCODER = new TextEncoder()
